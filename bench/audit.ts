/** The audit at size: making all projections anew against a bare reader, a look at the past, verify, and their memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allSetsAsOf, Shadow, Snapshots, setAsOf, type Verdict } from '@setlist/audit';
import { EVENTS_STREAM, type EventOf, newEvent, type SetlistEvent, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { startNats, startProcess, temporaryFolder } from '@setlist/testkit';
import { rebuildProjections } from '@setlist/tracker';
import { connect } from 'nats';
import { type Benchmark, progress, type Row } from './benchmark.ts';
import { freshSetId, itemEvents } from './item-events.ts';
import { rounded } from './machine.ts';

const ITEMS_A_SET = 1_000;
const EVENTS_AN_ITEM = 4;
const SAMPLE_MS = 20;

async function measure(events: number): Promise<Row> {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'bench' });
  await using folder = await temporaryFolder();
  await log.appendAll(history(events));
  const stored = await log.head();
  progress(`    ${stored} events stored`);
  const bare = await secondsOf('read by a bare ordered consumer', () => readBare(nats.url));
  const rebuilt = await secondsOf('projections made anew', () => rebuildProjections(log));
  const verified = await verifyAlone(nats.url, folder.path);
  const snapshots = new Snapshots(join(folder.path, 'snapshots'));
  return {
    events: stored,
    barePerSecond: Math.round(stored / bare),
    rebuiltPerSecond: Math.round(stored / rebuilt),
    rebuiltOverBare: rounded(bare / rebuilt),
    ...(await stepsOf(nats.url, log, rebuilt)),
    ...(await looks(log, snapshots, stored)),
    ...verified,
    verifiedPerSecond: Math.round(stored / verified.verifySeconds),
  };
}

/**
 * What each step of a rebuild takes of its time, in percent. A rebuild reads the sets' events alone, so the steps are
 * measured on these, each with all that come before it.
 */
async function stepsOf(url: string, log: EventLog, whole: number): Promise<Row> {
  const ofSets = { subjects: [subjects.ofAllSets()] };
  const read = await secondsOf('the sets’ events read bare', () => readBare(url, subjects.ofAllSets()));
  const decoded = await secondsOf('and decoded', async () => {
    for await (const { problem } of log.read(ofSets)) if (problem) throw new Error(problem.message);
  });
  const folded = await secondsOf('and folded', async () => {
    const shadow = new Shadow();
    for await (const record of log.read(ofSets)) shadow.apply(record);
  });
  const percent = (seconds: number): number => Math.round((100 * seconds) / whole);
  return {
    readPercent: percent(read),
    decodePercent: percent(decoded - read),
    foldPercent: percent(folded - decoded),
    pagesAndWritesPercent: percent(whole - folded),
  };
}

/** The client library's own ordered consumer, which does nothing with what it gets. */
async function readBare(servers: string, filter?: string): Promise<void> {
  const nc = await connect({ servers });
  try {
    const options = filter === undefined ? {} : { filterSubjects: filter };
    const consumer = await nc.jetstream().consumers.get(EVENTS_STREAM, options);
    const messages = await consumer.consume({ max_messages: 1_000 });
    for await (const { info } of messages) if (info.pending === 0) break;
    await messages.close();
  } finally {
    await nc.close();
  }
}

/** `setlist audit verify` as a process of its own, whose memory is nobody else's. */
async function verifyAlone(url: string, data: string) {
  const entry = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
  const args = ['audit', 'verify', '--json', '--no-audio', '--server', url, '--data', data];
  await using command = await startProcess({ name: 'setlist audit verify', entry, args });
  let peakKb = 0;
  const timer = setInterval(() => {
    peakKb = Math.max(peakKb, peakOf(command.pid));
  }, SAMPLE_MS);
  try {
    const { code } = await command.exited;
    const { verdict } = JSON.parse(command.stdout().trim().split('\n').at(-1) ?? '') as { verdict: Verdict };
    if (code !== 0) throw new Error(`the clean log has ${verdict.faults} faults`);
    progress(`    verified in ${verdict.seconds.toFixed(2)} s`);
    return { verifySeconds: rounded(verdict.seconds, 2), verifyPeakMb: Math.round(peakKb / 1_000) };
  } finally {
    clearInterval(timer);
  }
}

/** The most memory that a process has had, in kB; 0 once it has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** The first look at the middle of the log keeps snapshots; then looks elsewhere, each from its nearest. */
async function looks(log: EventLog, snapshots: Snapshots, stored: number): Promise<Row> {
  const first = await secondsOf('a first look at the past', () =>
    allSetsAsOf(log, { seq: stored }, snapshots),
  );
  const places = [0.999, 0.5, 0.1234].map((share) => Math.floor(stored * share));
  const all: number[] = [];
  for (const seq of places) {
    all.push(await secondsOf(`all sets as of ${seq}`, () => allSetsAsOf(log, { seq }, snapshots)));
  }
  const set = (await allSetsAsOf(log, { seq: stored }, snapshots)).sets[0]?.setId ?? '';
  const one = await secondsOf('one set', () => setAsOf(log, { seq: stored }, set));
  return {
    firstLookSeconds: rounded(first, 2),
    slowestLookMs: Math.round(Math.max(...all) * 1_000),
    oneSetMs: Math.round(one * 1_000),
  };
}

async function secondsOf(what: string, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  progress(`    ${what} in ${seconds.toFixed(2)} s`);
  return seconds;
}

/** Whole sets as the product tells them, until there are so many events. */
function* history(events: number): Generator<SetlistEvent> {
  for (let told = 0; told < events; told += 1 + EVENTS_AN_ITEM * ITEMS_A_SET) {
    const set = freshSetId('bench');
    yield accepted(set);
    const items = Array.from({ length: ITEMS_A_SET }, (_, index) => itemEvents(set, index));
    for (const { requested } of items) yield requested;
    for (const { claimed, paid, completed } of items) yield* [claimed, paid, completed];
  }
}

function accepted(set: string): EventOf<'SetAccepted'> {
  const run = set.split('-').slice(-2).join('-');
  const lane = 'standard' as const;
  const sha256 = '0'.repeat(64);
  return newEvent(
    'SetAccepted',
    {
      run,
      set: { name: 'bench', location: '/out/bench', notify: [] },
      source: { uri: 'inbox/bench.yml', sha256, bytes: 1, keptAs: 'sets/bench.yml' },
      prefix: 'bench',
      output: 'file:///out',
      provider: 'local',
      itemCount: ITEMS_A_SET,
      lanes: [{ lane, items: ITEMS_A_SET, billedCharacters: ITEMS_A_SET * 40 }],
      billedCharacters: ITEMS_A_SET * 40,
      estimatedUsd: '0.16',
      usdPerMillion: { [lane]: '4.00' },
      priority: 'normal',
      compat: false,
      warnings: 0,
    },
    { source: 'ingest', now: new Date(), setId: set, correlationId: run },
  );
}

export const audit: Benchmark = {
  says: 'the audit: projections made anew against a bare reader, looks at the past, verify, memory',
  takes: '6 min; --items 100000: 30 s',
  middleOf: 'rebuiltOverBare',
  cases: ({ items }) =>
    (items === undefined ? [100_000, 1_000_000] : [items]).map((events) => ({
      name: `${events.toLocaleString('en-US')} events`,
      measure: () => measure(events),
    })),
};
