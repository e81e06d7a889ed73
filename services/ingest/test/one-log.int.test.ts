/** Ingests of two logs on one inbox, where both would take every file. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, loadConfig } from '@setlist/runtime';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { takeInboxes } from '../src/adapters/one-log.ts';
import { ingestConfig } from '../src/config.ts';
import { createIngest, openPlaces } from '../src/service.ts';
import { startWorld, type World, withWorld } from './world.ts';

const logger = createLogger({ service: 'ingest', level: 'silent' });
const { signal } = new AbortController();

function ingestOf({ log, storeFolder, nats }: World, inbox: string) {
  const settings = loadConfig(ingestConfig, { INBOX: inbox, STORE: storeFolder, NATS_URL: nats.url });
  return createIngest(settings, { log, logger, ...openPlaces(settings) });
}

const noteIn = async ({ inbox }: World) =>
  JSON.parse(await readFile(join(inbox, '.watched'), 'utf8')) as { log: string };

async function leaveNote({ inbox }: World, log: string): Promise<void> {
  await writeFile(join(inbox, '.left'), JSON.stringify({ log }));
  await rename(join(inbox, '.left'), join(inbox, '.watched'));
}

it('an inbox is refused to ingest of another log as long as one watches it, and shared by replicas', () =>
  withWorld(async (world) => {
    await using other = await startWorld();
    const stranger = ingestOf(other, world.inbox);
    {
      await using _replica = await world.ingest();
      await eventually(() => noteIn(world));
      await using _another = await world.ingest();
      await expect(stranger.run(signal)).rejects.toMatchObject({
        code: 'inbox-taken',
        message: expect.stringContaining(`${world.inbox} is watched by a system on `),
        remedy: expect.stringContaining('--inbox'),
      });
    }
    await expect(noteIn(world)).rejects.toThrow('ENOENT');
    await stranger.takeInboxes(signal);
  }));

it('an inbox that ingest of another log left in a crash is free after a while', () =>
  withWorld(async (world) => {
    await leaveNote(world, 'theirs');
    await takeInboxes([world.inbox], { log: world.log, logger, signal, silentForMs: 300 });
    expect(await noteIn(world)).not.toMatchObject({ log: 'theirs' });
  }));

it('ingest that was frozen learns that its inbox was taken over, and leaves it to the other', () =>
  withWorld(async (world) => {
    const ended = expect(ingestOf(world, world.inbox).run(signal)).rejects.toMatchObject({
      code: 'inbox-taken',
    });
    await eventually(() => noteIn(world));
    await leaveNote(world, 'theirs');
    await ended;
    expect(await noteIn(world)).toEqual({ log: 'theirs' });
  }));
