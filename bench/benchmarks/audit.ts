/** The audit at scale: a rebuild of all projections against a bare reader, looks at the past, verify, and memory. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allSetsAsOf, Snapshots, setAsOf, type Verdict } from '@setlist/audit';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { orGoneSync } from '@setlist/runtime';
import { startNats, startProcess, temporaryFolder } from '@setlist/testkit';
import type { Steps, Taken } from '../audit-steps.ts';
import { type Benchmark, progress, type Row, secondsOf } from '../benchmark.ts';
import { storeHistory } from '../history.ts';
import { nodeOptions } from '../node-options.ts';
import { memoryOf } from '../processes.ts';
import { rounded } from '../statistics.ts';

const SAMPLE_MS = 20;

async function measure(events: number): Promise<Row> {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'bench' });
  await using folder = await temporaryFolder();
  const stored = await storeHistory(log, events);
  progress(`    ${stored} events stored`);
  const steps = await takeSteps(nats.url);
  return {
    events: stored,
    ...rebuildRow(stored, steps),
    ...(await commandsAlone(nats.url, folder.path, stored)),
    ...(await looks(log, folder.path, stored)),
  };
}

/** Runs the steps in a separate process with the images' options, so that filling the log doesn't burden them. */
async function takeSteps(url: string): Promise<Steps> {
  const entry = fileURLToPath(new URL('../audit-steps.ts', import.meta.url));
  const env = { NODE_OPTIONS: nodeOptions(undefined, 'steps') };
  await using child = await startProcess({ name: 'steps', entry, args: [url], env });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`the steps ended with ${code}: ${child.lines.at(-1)}`);
  const lines = child.stdout().trim().split('\n');
  const taken = lines.map((line) => JSON.parse(line) as Taken & { readonly step: string });
  for (const { step, seconds, cpuSeconds, peakMb } of taken) {
    progress(
      `    ${step}: ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s on the CPU, ${peakMb} MB so far`,
    );
  }
  return Object.fromEntries(taken.map((one) => [one.step, one])) as unknown as Steps;
}

/**
 * A rebuild reads only the sets' events, half of the stream. Its steps are measured on these, by CPU time: all of it is
 * one thread's work, which other processes don't disturb.
 */
function rebuildRow(stored: number, steps: Steps): Row {
  const { bareOfSets, parsed, decoded, folded, rebuilt } = steps;
  const bare = meanOf(steps.bare, steps.bareAgain);
  const share = (step: Taken, before?: Taken): number =>
    Math.round((100 * (step.cpuSeconds - (before?.cpuSeconds ?? 0))) / rebuilt.cpuSeconds);
  return {
    barePerSecond: Math.round(stored / bare.seconds),
    rebuiltPerSecond: Math.round(stored / rebuilt.seconds),
    rebuiltOverBare: rounded(bare.seconds / rebuilt.seconds),
    rebuiltOverBareByCpu: rounded(bare.cpuSeconds / rebuilt.cpuSeconds),
    readPercent: share(bareOfSets),
    jsonPercent: share(parsed, bareOfSets),
    schemasPercent: share(decoded, parsed),
    foldPercent: share(folded, decoded),
    pagesAndWritesPercent: share(rebuilt, folded),
    rebuildPeakMb: rebuilt.peakMb,
  };
}

const meanOf = (one: Taken, other: Taken): Pick<Taken, 'seconds' | 'cpuSeconds'> => ({
  seconds: (one.seconds + other.seconds) / 2,
  cpuSeconds: (one.cpuSeconds + other.cpuSeconds) / 2,
});

/** `setlist audit verify`, which keeps snapshots for later looks; `as-of` without snapshots; `replay` into a file. */
async function commandsAlone(url: string, folder: string, stored: number): Promise<Row> {
  const at = (data: string): string[] => ['--server', url, '--data', data];
  const verified = await peakOf(['audit', 'verify', '--json', '--no-audio', ...at(folder)]);
  const { verdict } = JSON.parse(verified.stdout.trim().split('\n').at(-1) ?? '') as { verdict: Verdict };
  progress(`    verified in ${verdict.seconds.toFixed(2)} s`);
  const looked = await peakOf(['audit', 'as-of', String(stored), '--json', ...at(join(folder, 'as-of'))]);
  const events = join(folder, 'events.ndjson');
  const replayed = await peakOf(['replay', '--out', events, ...at(join(folder, 'replay'))]);
  rmSync(events);
  return {
    verifySeconds: rounded(verdict.seconds, 2),
    verifiedPerSecond: Math.round(stored / verdict.seconds),
    verifyPeakMb: verified.peakMb,
    asOfPeakMb: looked.peakMb,
    replayPeakMb: replayed.peakMb,
  };
}

/** A command in a separate process, so that its memory can be measured. Throws an `Error` unless it ends with 0. */
async function peakOf(args: string[]): Promise<{ stdout: string; peakMb: number }> {
  const entry = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
  await using command = await startProcess({ name: `setlist ${args.join(' ')}`, entry, args });
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, memoryOf(command.pid)?.peakMb ?? 0);
  }, SAMPLE_MS);
  try {
    const { code } = await command.exited;
    if (code !== 0) throw new Error(`setlist ${args.join(' ')} ended with ${code}: ${command.lines.at(-1)}`);
    return { stdout: command.stdout(), peakMb: Math.round(peakMb) };
  } finally {
    clearInterval(timer);
  }
}

/** A first look at all sets without snapshots, then looks at several places with the audit's snapshots. */
async function looks(log: EventLog, folder: string, stored: number): Promise<Row> {
  const snapshots = new Snapshots(join(folder, 'snapshots'));
  const none = new Snapshots(join(folder, 'none'));
  const first = await secondsOf('a first look without snapshots', () =>
    allSetsAsOf(log, { seq: stored }, none),
  );
  const places = [1, 0.999, 0.5, 0.1234].map((share) => Math.floor(stored * share));
  const all: number[] = [];
  for (const seq of places) {
    all.push(await secondsOf(`all sets as of ${seq}`, () => allSetsAsOf(log, { seq }, snapshots)));
  }
  const set = (await allSetsAsOf(log, { seq: stored }, snapshots)).sets[0]?.setId ?? '';
  const one = await secondsOf('one set', () => setAsOf(log, { seq: stored }, set));
  return {
    firstLookSeconds: rounded(first, 2),
    snapshotsMb: megabytesIn(snapshots.folder),
    slowestLookMs: Math.round(Math.max(...all) * 1_000),
    oneSetMs: Math.round(one * 1_000),
  };
}

/** A log that is too short for snapshots leaves no folder. */
function megabytesIn(folder: string): number {
  const names = orGoneSync(() => readdirSync(folder)) ?? [];
  return rounded(names.reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0) / 1e6, 1);
}

export const audit: Benchmark = {
  says: 'the audit: projections made anew against a bare reader, looks at the past, verify, memory',
  takes: 'some 15 min, a third of it with --runs 1; --runs 1 --items 100000: 1 min',
  middleOf: 'rebuiltOverBare',
  cases: ({ items }) =>
    (items === undefined ? [100_000, 1_000_000] : [items]).map((events) => ({
      name: `${events.toLocaleString('en-US')} events`,
      measure: () => measure(events),
    })),
};
