/** What happens to files that are dropped into a watched folder, on a real broker. */
import { hash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dropOf, LARGE_BYTES, type OpensSetFiles, openSetFile, placeSetFile } from '@setlist/admission';
import { isRunId, runId, setId, soundHash } from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { asNobody, asOwner, eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { folderDrop } from '../src/adapters/folder-drop.ts';
import { claimedPath } from '../src/adapters/inbox.ts';
import { largeSetOf } from './bucket-world.ts';
import { recordsOn, setOf, startWorld, untilDone, upTo, type World, withWorld } from './world.ts';

/** Run as root, `work` runs as nobody, who is given access to the world's folders. */
async function unprivileged(world: World, work: () => Promise<void>): Promise<void> {
  const whole = join(world.inbox, '..');
  for (const folder of [whole, world.inbox, join(whole, 'outside')]) await chmod(folder, 0o777);
  await asNobody(work);
}

describe('a dropped set file', () => {
  it('is claimed as soon as it is moved in, then kept, accepted and requested', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ POLL_EVERY: '1h' });
      await eventually(() => world.files('.claimed'));
      const text = setOf('greetings', 3);
      await world.moveIn('greetings.yml', text);
      await eventually(async () => (await world.files()).length === 0);
      await eventually(async () => (await world.files('done')).includes('greetings.yml'));

      const [accepted] = await world.lives();
      if (accepted?.name !== 'SetAccepted') throw new Error('not accepted');
      const { data, setId: id = '' } = accepted;
      expect(id).toBe(setId('greetings', data.run));
      expect(isRunId(data.run)).toBe(true);
      expect(data).toMatchObject({
        prefix: 'greetings',
        provider: 'local',
        itemCount: 3,
        estimatedUsd: '0.00',
        usdPerMillion: { neural: '0' },
        set: { name: 'greetings', location: join(world.storeFolder, 'greetings') },
        lanes: [{ lane: 'neural', items: 3 }],
      });
      const sha256 = hash('sha256', text);
      expect(data.source).toMatchObject({ sha256, keptAs: `setfiles/${sha256}.yml`, bytes: text.length });
      expect(await readFile(join(world.storeFolder, data.source.keptAs ?? ''), 'utf8')).toBe(text);

      const requests = await recordsOn(world.log, `setlist.events.${id}.requested.*`);
      const items = requests.map(({ event }) => (event?.name === 'ItemRequested' ? event : undefined));
      expect(items.map((event) => event?.data.index)).toEqual([0, 1, 2]);
      const [first] = items;
      expect(first?.data).toMatchObject({
        attempt: 1,
        lane: 'neural',
        file: 'greetings/item-000000-phrase-0-of-greetings.mp3',
        operation: 'synthesize',
        sound: { text: 'Phrase 0 of greetings.', provider: 'local' },
      });
      expect(first?.data.hash).toBe(first && soundHash(first.data.sound));
      expect(first?.causationId).toBe(accepted.id);
    }));

  it('is left alone while it is being written, and taken whole once it has settled', async () => {
    const settleMs = 1_500;
    const whole = setOf('slow', 40);
    /** Writes it in eight parts. @returns false once the machine has paused the writer for as long as a file takes to settle */
    const isWritten = async (world: World, path: string): Promise<boolean> => {
      const part = Math.ceil(whole.length / 8);
      let since = performance.now();
      for (let written = 0; written < whole.length; written += part) {
        const before = since;
        since = performance.now();
        await appendFile(path, whole.slice(written, written + part));
        // The writer's pauses are together longer than a file takes to settle.
        await sleep(250);
        const files = await world.files();
        if (performance.now() - before >= settleMs) return false;
        expect(files).toEqual(['slow.yml']);
      }
      return true;
    };
    const isTakenWhole = async (): Promise<boolean> => {
      await using world = await startWorld();
      await using _ingest = await world.ingest({ SETTLE: `${settleMs}ms` });
      const path = join(world.inbox, 'slow.yml');
      if (!(await isWritten(world, path))) return false;
      const { mtimeMs } = await stat(path);
      await eventually(async () => (await world.files()).length === 0);
      expect(Date.now() - mtimeMs).toBeGreaterThanOrEqual(settleMs - 5);
      await eventually(async () => (await world.files('done')).includes('slow.yml'));
      const [accepted] = await world.lives();
      expect(accepted?.data).toMatchObject({ itemCount: 40 });
      return true;
    };
    while (!(await isTakenWhole()));
  });

  it('is taken even if its write time is in the future, as on a file server whose clock is ahead', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ SETTLE: '200ms', POLL_EVERY: '100ms' });
      const path = join(world.inbox, 'ahead.yml');
      await writeFile(path, setOf('ahead', 1));
      const tomorrow = new Date(Date.now() + 86_400_000);
      await utimes(path, tomorrow, tomorrow);
      await eventually(async () => (await world.files('done')).includes('ahead.yml'));
    }));

  it('can be .yaml or .json, and have spaces, any script and the longest possible name', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      const json = JSON.stringify({ set: { name: 'from json' }, items: [{ text: 'Hello.' }] });
      const longest = `${'ä'.repeat(125)}x.yml`;
      expect(Buffer.byteLength(longest)).toBe(255);
      await world.moveIn('a b.yaml', setOf('spaces', 1));
      await world.moveIn('Größe 大小 🐋.YML', setOf('Größe', 1));
      await world.moveIn('data.json', json);
      await world.moveIn(longest, setOf('longest', 1));
      await eventually(async () => {
        const done = await world.files('done');
        expect(done).toHaveLength(4);
        expect(done).toEqual(expect.arrayContaining(['Größe 大小 🐋.YML', 'a b.yaml', 'data.json']));
      });
      const names = (await world.lives()).map(({ data }) => 'set' in data && data.set.name);
      expect(names.sort()).toEqual(['Größe', 'from json', 'longest', 'spaces']);
      const kept = (await world.lives()).map(({ data }) => data.source.keptAs?.split('.').pop());
      expect(kept.sort()).toEqual(['json', 'yaml', 'yml', 'yml']);
    }));

  it('makes two runs if it is dropped twice, and both files are kept', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest();
      for (const round of [1, 2]) {
        await world.moveIn('again.yml', setOf('again', 2));
        await eventually(async () => (await world.files('done')).length === round);
      }
      const runs = (await world.lives()).map(({ data }) => data.run);
      expect(new Set(runs).size).toBe(2);
      expect(await world.files('done')).toEqual([`again.${runs[1]}.yml`, 'again.yml']);
    }));

  it('is never a link, a hidden file, a folder, of another kind or not named in UTF-8; all but hidden ones are logged once', () =>
    withWorld(async (world) => {
      await writeFile(join(world.storeFolder, '..', 'outside', 'secret.yml'), setOf('secret', 1));
      await symlink(join(world.storeFolder, '..', 'outside', 'secret.yml'), join(world.inbox, 'link.yml'));
      await world.moveIn('notes.txt', 'notes');
      await mkdir(join(world.inbox, 'acts'));
      await writeFile(join(world.inbox, 'acts', 'act.yml'), setOf('act', 1));
      await writeFile(
        Buffer.concat([Buffer.from(`${world.inbox}/gr`), Buffer.of(0xf6), Buffer.from('n.yml')]),
        setOf('n', 1),
      );
      await world.moveIn('.hidden.yml', setOf('hidden', 1));
      await using _ingest = await world.ingest({ POLL_EVERY: '20ms' });
      await world.moveIn('plain.yml', setOf('plain', 1));
      await eventually(async () => (await world.files('done')).includes('plain.yml'));
      expect(await world.lives()).toHaveLength(1);
      const ignored = world.logged.filter(({ event }) => event === 'ignored').map(({ file }) => file);
      expect(ignored.sort()).toEqual(['acts', 'gr\ufffdn.yml', 'link.yml', 'notes.txt']);
    }));

  it('that ingest has no right to read stays in the inbox, is logged once, and is taken once it can be read', () =>
    withWorld(async (world) => {
      await world.moveIn('private.yml', setOf('private', 1));
      const path = join(world.inbox, 'private.yml');
      await chmod(path, 0o000);
      await unprivileged(world, async () => {
        await using _ingest = await world.ingest({ POLL_EVERY: '20ms' });
        await eventually(() => world.logged.some(({ event }) => event === 'not-claimed'));
        await world.moveIn('other.yml', setOf('other', 1));
        await eventually(async () => (await world.files('done')).includes('other.yml'));
        expect(await world.files()).toEqual(['private.yml']);
        asOwner(() => chmodSync(path, 0o644));
        // Linux lets nobody link a file of another user that they can't write.
        await eventually(async () => (await world.files('done')).includes('private.yml'));
      });
      expect(world.logged.filter(({ event }) => event === 'not-claimed')).toEqual([
        expect.objectContaining({ file: 'private.yml', remedy: expect.stringContaining('right to read') }),
      ]);
    }));

  it('that is claimed but can’t be read waits with a remedy', () =>
    withWorld(async (world) => {
      const drop = dropOf(world.inbox, { run: runId(new Date(), new Uint8Array(6)) }, 'private.yml');
      await mkdir(join(world.inbox, '.claimed'));
      await writeFile(claimedPath(drop), setOf('private', 1), { mode: 0o000 });
      await unprivileged(world, () =>
        expect(folderDrop(drop).look()).rejects.toMatchObject({
          code: 'file-unreadable',
          remedy: expect.stringContaining('right to read'),
        }),
      );
    }));

  it('that was placed with a run id keeps it', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest({ POLL_EVERY: '1h' });
      await eventually(() => world.files('.placed'));
      const run = runId(new Date(), new Uint8Array([1, 2, 3, 4, 5, 6]));
      await placeSetFile(world.inbox, { run, fileName: 'placed.yml' }, Buffer.from(setOf('placed', 2)));
      await eventually(async () => (await world.files('done')).includes('placed.yml'));
      expect((await world.lives()).map((event) => event.setId)).toEqual([setId('placed', run)]);
      expect(await world.requested(setId('placed', run))).toEqual([0, 1]);
    }));

  it('that was placed while no ingest ran is taken at the next start', () =>
    withWorld(async (world) => {
      const run = runId(new Date(), new Uint8Array([6, 5, 4, 3, 2, 1]));
      await placeSetFile(world.inbox, { run, fileName: 'early.yml' }, Buffer.from(setOf('early', 1)));
      await using _ingest = await world.ingest();
      await eventually(async () => (await world.files('done')).includes('early.yml'));
      expect((await world.lives()).map((event) => event.setId)).toEqual([setId('early', run)]);
    }));

  it('is processed once by two replicas that watch one folder', () =>
    withWorld(async (world) => {
      await using _one = await world.ingest({ POLL_EVERY: '20ms' });
      await using _two = await world.ingest({ POLL_EVERY: '20ms' });
      for (const number of upTo(30)) await world.moveIn(`set-${number}.yml`, setOf(`set-${number}`, 5));
      await untilDone(world, 30);
      const lives = await world.lives();
      expect(lives).toHaveLength(30);
      expect(new Set(lives.map(({ data }) => 'set' in data && data.set.name)).size).toBe(30);
      for (const { setId: id = '' } of lives) expect(await world.requested(id)).toEqual(upTo(5));
    }));

  it('overtakes any number of large ones that came before it', () =>
    withWorld(async (world) => {
      const smallIsDone = Promise.withResolvers<void>();
      const open: OpensSetFiles = async (file, ...rest) => {
        const opened = await openSetFile(file, ...rest);
        if (file.bytes > LARGE_BYTES) await smallIsDone.promise;
        return opened;
      };
      await using _ingest = await world.ingest({}, world.log, open);
      // More than are read at once, of whatever size.
      const large = 6;
      for (const number of upTo(large))
        await world.moveIn(`large-${number}.yml`, largeSetOf(`large-${number}`));
      await eventually(async () => (await world.files('.claimed')).length === large);
      await world.moveIn('small.yml', setOf('small', 5));
      await eventually(async () => expect(await world.files('done')).toEqual(['small.yml']));
      smallIsDone.resolve();
      await eventually(async () => (await world.files('done')).length === large + 1);
    }));
});
