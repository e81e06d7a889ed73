import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_STREAM } from '@setlist/contracts';
import { type Maintenance, openEventLog, openMaintenance } from '@setlist/eventlog';
import { startNats } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { backUp, readBackup, restoreBackup } from '../src/index.ts';
import { rawNats } from './raw-nats.ts';
import { openWorld, startedTracker, tellHistory } from './world.ts';

test('a restored log has every message at its sequence and time, refuses deletion, and passes the audit', async () => {
  await using world = await openWorld();
  const { guide } = await tellHistory(world);
  await world.log.openLane(
    { setId: guide.id, lane: 'neural' },
    { fromSeq: 1, ackWaitMs: 5_000, maxUnfinished: 5 },
  );
  await world.log.requests.put('key', { run: 'of it' });
  const folder = join(world.folder, 'backup');
  await using live = await openMaintenance({ servers: world.nats.url, name: 'backup' });
  const taken = await backUp(live, folder, new Date());
  expect(taken.map(({ stream }) => stream)).toEqual([
    'KV_SETLIST_REQUESTS',
    'KV_SETLIST_SETS',
    'SETLIST_EVENTS',
  ]);
  expect((await readdir(folder)).sort()).toEqual([
    'KV_SETLIST_REQUESTS.snapshot',
    'KV_SETLIST_SETS.snapshot',
    'SETLIST_EVENTS.snapshot',
    'backup.json',
  ]);

  await using other = await startNats();
  await using empty = await openMaintenance({ servers: other.url, name: 'restore' });
  expect(await restoreBackup(empty, await readBackup(folder))).toEqual(taken);
  await using log = await openEventLog({ servers: other.url, name: 'restored' });
  expect((await log.requests.get('key'))?.value).toEqual({ run: 'of it' });
  for (let seq = 1; seq <= (await world.log.head()); seq++) {
    const [was, is] = [await world.log.at(seq), await log.at(seq)];
    expect(is).toEqual(was);
  }
  expect(await log.existingLanes()).toMatchObject([{ setId: guide.id, lane: 'neural' }]);
  const { findings } = await world.verify({ log });
  expect(findings).toEqual([]);
  await using raw = await rawNats(other.url);
  await expect(raw.request('$JS.API.STREAM.PURGE.SETLIST_EVENTS', '')).rejects.toThrow(/purge/);
  const removal = raw.request('$JS.API.STREAM.MSG.DELETE.SETLIST_EVENTS', '{"seq":1}');
  await expect(removal).rejects.toThrow(/delete/);
  const again = restoreBackup(empty, await readBackup(folder));
  await expect(again).rejects.toThrow(/already/);
});

test('refuses a damaged or unfinished backup, and a folder that is not empty', async () => {
  await using world = await openWorld();
  await tellHistory(world);
  await world.log.requests.put('key', { run: 'of it' });
  const folder = join(world.folder, 'backup');
  await using live = await openMaintenance({ servers: world.nats.url, name: 'backup' });
  await backUp(live, folder, new Date());
  await expect(backUp(live, folder, new Date())).rejects.toThrow(/not empty/);
  await appendFile(join(folder, 'SETLIST_EVENTS.snapshot'), 'x');
  await expect(readBackup(folder)).rejects.toThrow(/has changed since the backup/);
  await rm(join(folder, 'KV_SETLIST_SETS.snapshot'));
  await expect(readBackup(folder)).rejects.toThrow(/is missing/);
  await writeFile(join(folder, 'backup.json'), '{');
  await expect(readBackup(folder)).rejects.toThrow(/is not JSON/);
  await rm(join(folder, 'backup.json'));
  await expect(readBackup(folder)).rejects.toThrow(/no finished backup/);
});

test('a backup replaces what services create on a new broker', async () => {
  await using world = await openWorld();
  await tellHistory(world);
  const folder = join(world.folder, 'backup');
  await using live = await openMaintenance({ servers: world.nats.url, name: 'backup' });
  await backUp(live, folder, new Date());

  await using other = await startNats();
  {
    await using _ = await startedTracker(other.url);
  }
  await using broker = await openMaintenance({ servers: other.url, name: 'restore' });
  expect(await broker.streams()).toEqual([]);
  await restoreBackup(broker, await readBackup(folder));
  await using log = await openEventLog({ servers: other.url, name: 'restored' });
  expect(await log.head()).toBe(await world.log.head());
  expect((await world.verify({ log })).findings).toEqual([]);
});

/** A broker on which a restore is stopped before it reaches the log. */
const stoppedAtLog = (broker: Maintenance): Maintenance => ({
  ...broker,
  restore: (head, chunks) =>
    head.stream === EVENTS_STREAM ? Promise.reject(new Error('stopped')) : broker.restore(head, chunks),
});

test('an interrupted restore can simply be run again', async () => {
  await using world = await openWorld();
  await tellHistory(world);
  await world.log.requests.put('key', { run: 'of it' });
  const folder = join(world.folder, 'backup');
  await using live = await openMaintenance({ servers: world.nats.url, name: 'backup' });
  const taken = await backUp(live, folder, new Date());
  const backup = await readBackup(folder);
  await using other = await startNats();
  await using broker = await openMaintenance({ servers: other.url, name: 'restore' });
  await expect(restoreBackup(stoppedAtLog(broker), backup)).rejects.toThrow('stopped');
  expect(await broker.streams()).toEqual(['KV_SETLIST_SETS', 'KV_SETLIST_REQUESTS']);

  expect(await restoreBackup(broker, backup)).toEqual(taken);
  await using log = await openEventLog({ servers: other.url, name: 'restored' });
  expect((await log.requests.get('key'))?.value).toEqual({ run: 'of it' });
  expect((await world.verify({ log })).findings).toEqual([]);
});

test('projections written to since are not mistaken for those of an interrupted restore', async () => {
  await using world = await openWorld();
  await tellHistory(world);
  const folder = join(world.folder, 'backup');
  await using live = await openMaintenance({ servers: world.nats.url, name: 'backup' });
  await backUp(live, folder, new Date());
  const backup = await readBackup(folder);
  await using other = await startNats();
  await using broker = await openMaintenance({ servers: other.url, name: 'restore' });
  await expect(restoreBackup(stoppedAtLog(broker), backup)).rejects.toThrow('stopped');
  await using log = await openEventLog({ servers: other.url, name: 'writer' });
  await log.sets.put('set.other', {});
  await expect(restoreBackup(broker, backup)).rejects.toMatchObject({
    message: 'the broker already has KV_SETLIST_SETS',
    remedy: expect.stringContaining('--server'),
  });
});
