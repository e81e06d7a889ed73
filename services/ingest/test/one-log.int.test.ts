/** Two logs on one inbox, where both would pay for every file. */
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { takeInboxes } from '../src/adapters/one-log.ts';
import { setOf, startWorld, upTo, type World, withWorld } from './world.ts';

const take = ({ log }: World, ...inboxes: string[]) =>
  takeInboxes(inboxes, log, new AbortController().signal);

const logNamedIn = async (inbox: string): Promise<unknown> =>
  JSON.parse(await readFile(join(inbox, '.watched'), 'utf8')).log;

it('of two logs that take an inbox at once one is refused, with all its replicas, until the inbox is given back', () =>
  withWorld(async (one) => {
    await using other = await startWorld();
    for (const round of upTo(10)) {
      const inbox = join(one.inbox, `${round}`);
      const worlds = [one, other, one, other];
      const taken = await Promise.allSettled(worlds.map((world) => take(world, inbox)));
      const [winner, loser] = taken[0]?.status === 'fulfilled' ? [one, other] : [other, one];
      expect(taken.map(({ status }) => status === 'fulfilled')).toEqual(
        worlds.map((world) => world === winner),
      );
      expect((await readdir(inbox)).sort()).toEqual(['.claimed', '.placed', '.watched', 'done', 'rejected']);

      await expect(take(loser, inbox)).rejects.toMatchObject({
        code: 'inbox-taken',
        message: `${inbox} belongs to a system on ${hostname()} with another log: both would pay for every file`,
        remedy: expect.stringContaining(`remove ${inbox}/.watched.`),
      });
      const giveBack = await take(winner, inbox);
      await giveBack();
      await take(loser, inbox);
      await giveBack();
      const free = `${inbox}-free`;
      await expect(take(winner, free, inbox), 'it gives back only its own').rejects.toThrow('belongs to');
      expect(await readdir(free)).not.toContain('.watched');
    }
  }));

it('every user can read the note, and one that can’t be understood is taken for that of another log', () =>
  withWorld(async (world) => {
    const note = join(world.inbox, '.watched');
    const umask = process.umask(0o077);
    await take(world, world.inbox).finally(() => process.umask(umask));
    expect((await stat(note)).mode & 0o777).toBe(0o644);

    await rename(note, `${note}.own`);
    const others = [
      ...['', 'null', '{"log"'].map((content) => () => writeFile(note, content)),
      () => symlink(`${note}.own`, note),
      () => mkdir(note),
    ];
    for (const leave of others) {
      await leave();
      await expect(take(world, world.inbox)).rejects.toMatchObject({
        message: expect.stringContaining('belongs to a system with another log'),
        remedy: expect.stringContaining(`remove ${note}.`),
      });
      await rm(note, { recursive: true });
    }
  }));

it('ingest starts again after a crash, goes on beside a note of another log, and then can’t start', () =>
  withWorld(async (world) => {
    await (await world.process()).kill9();
    await using again = await world.process();
    const note = join(world.inbox, '.watched');
    await writeFile(note, '{"log":"theirs","host":"elsewhere"}');
    await world.moveIn('a.yml', setOf('a', 1));
    await eventually(async () => expect(await world.files('done')).toEqual(['a.yml']));
    expect(await again.term()).toMatchObject({ code: 0 });
    expect(await logNamedIn(world.inbox)).toBe('theirs');
    await expect(world.process()).rejects.toThrow('inbox-taken');
  }));
