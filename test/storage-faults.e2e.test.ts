/** Full disks, and a failing bucket: a set waits and continues, and paid audio stays paid. */
import type { EventName } from '@setlist/contracts';
import { openStore } from '@setlist/storage';
import {
  canMount,
  eventually,
  natsVersion,
  onceStill,
  setFaults,
  smallDisk,
  startFaultProxy,
  startNats,
  startS3,
} from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { randomNumbers } from './kills/moments.ts';
import { System, setFile } from './system.ts';
import { judge } from './verdict/judge.ts';
import { observe } from './verdict/observe.ts';
import { Tape } from './verdict/tape.ts';

const ITEMS = 150;
const FIRST = 20;
const AT_ONCE = 8;
/** Slow enough that most of a set is still to be done once its first outcomes are there. */
const ENGINE = { ENGINE: 'instant', FAULT_LATENCY_MS: '200' };
const SERVICES = { CONCURRENCY: String(AT_ONCE) };
/** How long calls take while a disk fills up, so that those under way end once it is full. */
const LONG_MS = 3_000;
const DEADLINE_MS = 120_000;
const mountable = await canMount();

/** Expects nothing wrong, and not one call more than there are sounds. */
async function expectAllWell(system: System, name: string): Promise<void> {
  await eventually(async () => (await named(system, 'NotificationSent')) === 1, { deadlineMs: DEADLINE_MS });
  const { setId = '' } = await system.completed(name, DEADLINE_MS);
  await system.projected(setId);
  const seen = await observe(system, { name, sinceSeq: 0, mailsSoFar: [] });
  const verdict = judge(seen, {
    items: ITEMS,
    callsLostAtMost: 0,
    channels: ['folder'],
    mailMayRepeat: false,
  });
  expect(verdict.wrong).toEqual([]);
  expect(verdict.costs).toMatchObject({ tasksPaidTwice: 0, callsPaidTwice: 0 });
}

async function named(system: System, name: EventName): Promise<number> {
  return (await system.events()).filter((event) => event.name === name).length;
}

const paid = async (system: System): Promise<number> =>
  Object.keys((await system.engineStats()).sounds).length;

/** Waits until no sound was paid for in a while, and returns how many there are by then. */
const oncePaidNoMore = (system: System): Promise<number> =>
  onceStill(() => paid(system), { deadlineMs: DEADLINE_MS, stillMs: LONG_MS + 2_000 });

/** Drops a set and waits for its first outcomes. Further calls are slow until it {@link goesOn}. */
async function underWay(system: System, name: string, items = ITEMS): Promise<void> {
  await using tape = new Tape(system.log, 0);
  await system.drop(`${name}.yml`, setFile(name, items));
  await tape.until(`${FIRST} outcomes`, (said) => said.count('ItemCompleted') >= FIRST, DEADLINE_MS);
  await setFaults(system, { latencyMs: [LONG_MS, LONG_MS] });
}

const goesOn = (system: System): Promise<void> => setFaults(system, { latencyMs: [20, 60] });

test.skipIf(!mountable)(
  'a full disk under the audio is waited out: only calls in flight are paid, and the set continues once there is room',
  async () => {
    await using disk = await smallDisk('24m');
    await using system = await System.start({
      engine: ENGINE,
      services: { ...SERVICES, STORE: `${disk.path}/store`, OUTPUT: `${disk.path}/out` },
    });
    await underWay(system, 'full');
    await disk.fill();
    await goesOn(system);
    const stood = await oncePaidNoMore(system);
    expect(stood, 'the set had more to do').toBeLessThan(ITEMS);
    expect(
      stood - (await named(system, 'ItemCompleted')),
      'paid and not yet under its name',
    ).toBeLessThanOrEqual(3 * AT_ONCE);
    expect(await named(system, 'ItemFailed')).toBe(0);
    await disk.makeRoom();
    await system.completed('full', DEADLINE_MS);
    await expectAllWell(system, 'full');
  },
  300_000,
);

test.skipIf(!mountable)(
  "a full disk under the broker's store loses nothing: the set continues once there is room and the broker restarts",
  async () => {
    await using disk = await smallDisk('24m');
    await using nats = await startNats({ inFolder: disk.path });
    await using system = await System.start({ engine: ENGINE, services: SERVICES, servers: nats.url });
    await underWay(system, 'log-full');
    await disk.fill();
    await goesOn(system);
    const stood = await oncePaidNoMore(system);
    expect(stood, 'the set had more to do').toBeLessThan(ITEMS);
    await disk.makeRoom();
    // 2.10 recovers on its own; 2.15 refuses every write after the first failed one until it restarts. The kill also
    // proves that acknowledged writes are on disk, and not only in memory.
    if ((await natsVersion()).startsWith('2.10.'))
      await eventually(async () => expect(await paid(system)).toBeGreaterThan(stood), {
        deadlineMs: DEADLINE_MS,
      });
    await nats.kill9();
    await nats.restart();
    const { data } = await system.completed('log-full', DEADLINE_MS);
    expect(data.counts).toMatchObject({ completed: ITEMS, failed: 0 });
    await expectAllWell(system, 'log-full');
  },
  300_000,
);

test('a bucket that answers 503 and slowly, and not at all for a while, is waited for', async () => {
  // Each takes several requests, most of which wait.
  const items = 80;
  await using s3 = await startS3();
  await s3.createBucket('setlist');
  await using proxy = await startFaultProxy(s3.endpoint, randomNumbers(7));
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  await using system = await System.start({
    engine: ENGINE,
    services: {
      ...SERVICES,
      STORE: 's3://setlist/kept',
      OUTPUT: 's3://setlist/audio',
      S3_ENDPOINT: proxy.url,
      S3_REGION: s3.region,
      S3_FORCE_PATH_STYLE: 'true',
      ...s3.env,
    },
  });
  proxy.set({ unavailable: 0.3, latencyMs: [0, 300] });
  await underWay(system, 'flaky', items);
  proxy.set({ unavailable: 1, latencyMs: [0, 300] });
  await goesOn(system);
  const stood = await oncePaidNoMore(system);
  expect(stood, 'the set had more to do').toBeLessThan(items);
  proxy.set({ unavailable: 0.3, latencyMs: [0, 300] });
  const { data } = await system.completed('flaky', DEADLINE_MS);
  expect(data.counts).toMatchObject({ total: items, completed: items, failed: 0, paid: items });
  expect(proxy.refused).toBeGreaterThan(items / 2);

  const { sounds, lostSounds } = await system.engineStats();
  expect(Object.values(sounds).filter((count) => count > 1)).toEqual([]);
  expect(lostSounds).toEqual({});
  const bucket = openStore('s3://setlist', { ...s3.s3ClientConfig, forcePathStyle: true });
  // The manifest's two files come after the set's end, through the same faults.
  const filesAndManifest = async () => Array.fromAsync(bucket.list('audio/flaky/'));
  await eventually(async () => expect(await filesAndManifest()).toHaveLength(items + 2), {
    deadlineMs: DEADLINE_MS,
  });
  for (const event of await system.events())
    if (event.name === 'ItemCompleted')
      expect((await bucket.get(`audio/${event.data.file}`)).length).toBe(event.data.bytes);
}, 300_000);
