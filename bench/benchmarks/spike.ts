/** Spike: the design's subjects at a million items, on the broker alone: the log's cost, and how fast it answers. */
import { setTimeout as pause } from 'node:timers/promises';
import { subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { startNats, type TestNats } from '@setlist/testkit';
import { type Benchmark, progress, type Row, secondsOf } from '../benchmark.ts';
import { logBytes } from '../disk.ts';
import { freshSetId, type ItemEvents, itemEvents } from '../item-events.ts';
import { usages } from '../processes.ts';
import { quantile, rounded } from '../statistics.ts';

/** Items in flight while they are claimed, paid and completed. */
const UNDER_WAY = 256;
const PROBES = 2_000;
const BYTES_PER_MB = 1_000_000;

async function measure(items: number): Promise<Row> {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'spike' });
  const set = freshSetId('spike');
  const requested = await secondsOf('asked for', () =>
    log.appendAll(eventsOf(set, items).map(({ requested }) => requested)),
  );
  const lived = await secondsOf('claimed, paid and completed', () => live(log, eventsOf(set, items)));
  const loadedMb = brokerMb();
  const answers = await probe(log, set, items);
  const filtered = await filteredReads(log, set);
  const readMb = brokerMb();
  const restartSeconds = await restart(nats, set);
  return {
    items,
    messages: 4 * items,
    requestedPerSecond: Math.round(items / requested),
    compareAndSetPerSecond: Math.round((3 * items) / lived),
    ...answers,
    ...filtered,
    restartSeconds: rounded(restartSeconds, 2),
    brokerLoadedMb: loadedMb,
    brokerAfterReadsMb: readMb,
    brokerAfterRestartMb: brokerMb(),
    logMb: Math.round(logBytes(nats.storeDir) / BYTES_PER_MB),
  };
}

const brokerMb = (): number => Math.round(usages().get('broker')?.residentMb ?? Number.NaN);

function* eventsOf(set: string, items: number): Generator<ItemEvents> {
  for (let index = 0; index < items; index++) yield itemEvents(set, index);
}

/** Appends as dispatchers do: each step by compare-and-set on its subject's last sequence, many items concurrently. */
async function live(log: EventLog, items: Iterable<ItemEvents>): Promise<void> {
  let done = 0;
  await inParallel(items, UNDER_WAY, async ({ claimed, paid, completed }) => {
    const claim = await log.append(claimed, { lastSeq: 0 });
    if (claim.kind !== 'stored') throw new Error('a sound nobody has was claimed before');
    await log.append(paid, { lastSeq: claim.seq });
    await log.append(completed, { lastSeq: 0 });
    if (++done % 100_000 === 0) progress(`    ${done.toLocaleString('en-US')} items`);
  });
}

/** Measures single look-ups and single steps, one at a time, spread over the whole log. */
async function probe(log: EventLog, set: string, items: number): Promise<Row> {
  const looks: number[] = [];
  const steps: number[] = [];
  for (let count = 0; count < PROBES; count++) {
    const { hash } = itemEvents(set, Math.floor((count * items) / PROBES));
    looks.push(
      await millisecondsOf(async () => {
        const last = await log.last(subjects.sound(hash));
        if (last?.event?.name !== 'SoundPaid') throw new Error(`the sound ${hash} is not paid for`);
      }),
    );
    const { claimed } = itemEvents(set, items + count);
    steps.push(await millisecondsOf(() => log.append(claimed, { lastSeq: 0 })));
  }
  return {
    lookP50Ms: rounded(quantile(looks, 0.5)),
    lookP99Ms: rounded(quantile(looks, 0.99)),
    stepP50Ms: rounded(quantile(steps, 0.5)),
    stepP99Ms: rounded(quantile(steps, 0.99)),
  };
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A lane's consumer over all requests, and a reader of every outcome, each on a separate subject. */
async function filteredReads(log: EventLog, set: string): Promise<Row> {
  const at = { setId: set, lane: 'standard' };
  const options = { fromSeq: 1, ackWaitMs: 30_000, maxUnfinished: 5_000 };
  const laneMs = await millisecondsOf(() => log.openLane(at, options));
  const outcomes = { subjects: [subjects.outcome(set, '*', '*', '*')] };
  const firstOutcomeMs = await millisecondsOf(async () => {
    for await (const _ of log.read(outcomes)) break;
  });
  let read = 0;
  const readMs = await millisecondsOf(async () => {
    for await (const _ of log.read(outcomes)) read++;
  });
  return {
    openLaneMs: rounded(laneMs, 1),
    firstOutcomeMs: rounded(firstOutcomeMs, 1),
    outcomesReadPerSecond: Math.round(read / (readMs / 1_000)),
  };
}

/** Seconds from the start of the new server to its first answer to a client that has just connected. */
async function restart(nats: TestNats, set: string): Promise<number> {
  await nats.kill9();
  // Gives the page cache a moment to write back, as it would have between a crash and an operator's start.
  await pause(2_000);
  const { hash } = itemEvents(set, 0);
  const ms = await millisecondsOf(async () => {
    await nats.restart();
    await using log = await openEventLog({ servers: nats.url, name: 'after-restart' });
    if (!(await log.last(subjects.sound(hash)))) throw new Error('the log lost what was paid for');
  });
  return ms / 1_000;
}

export const spike: Benchmark = {
  says: 'the log at a million items, on the broker alone: append, look up, filter, restart, memory, disk',
  takes: '15 min; --items 100000: 2 min',
  middleOf: 'compareAndSetPerSecond',
  cases: ({ items = 1_000_000 }) => [
    { name: `${items.toLocaleString('en-US')} items`, measure: () => measure(items) },
  ],
};
