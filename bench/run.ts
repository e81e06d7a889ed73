/** Runs the benchmarks, prints their tables, and keeps the results with the machine's description. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { help, NotUnderstood, readArguments } from './arguments.ts';
import { type Benchmark, type Case, progress, type Row, type Settings } from './benchmark.ts';
import { audit } from './benchmarks/audit.ts';
import { console } from './benchmarks/console.ts';
import { fairness } from './benchmarks/fairness.ts';
import { growth } from './benchmarks/growth.ts';
import { latency } from './benchmarks/latency.ts';
import { overhead } from './benchmarks/overhead.ts';
import { quota } from './benchmarks/quota.ts';
import { rerun } from './benchmarks/rerun.ts';
import { spike } from './benchmarks/spike.ts';
import { telemetry } from './benchmarks/telemetry.ts';
import { machine } from './machine.ts';
import { keepCase, middleRun, table } from './report.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  quota,
  overhead,
  growth,
  rerun,
  latency,
  fairness,
  spike,
  audit,
  telemetry,
  console,
};

/** Puts all stored data into one folder, deleted however this process ends; the test kit ends the servers. */
function workInFolderOfOwn(): void {
  const folder = mkdtempSync(join(tmpdir(), 'setlist-bench-'));
  // apt's download user needs access if redis-server must be fetched.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  process.once('exit', () =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  );
  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    // Not `once`: without a listener, npm's copy of the signal would end the process before its exit handlers are done.
    process.on(signal, () => {
      progress('stopped; nothing of this run is kept');
      process.exit(code);
    });
  }
}

const namesOf = (cases: readonly Case[]): string => cases.map(({ name }) => name).join('; ');

async function run(name: string, benchmark: Benchmark, settings: Settings): Promise<void> {
  const { runs, only = '' } = settings;
  const results: Row[] = [];
  const cases = await benchmark.cases(settings);
  const wanted = cases.filter((each) => each.name.includes(only));
  if (wanted.length === 0)
    throw new NotUnderstood(`no case of ${name} contains "${only}": ${namesOf(cases)}`);
  for (const { name: caseName, measure } of wanted) {
    const measuredOn = await machine();
    const all: Row[] = [];
    for (let time = 1; time <= runs; time++) {
      progress(`${name}: ${caseName}, run ${time} of ${runs}`);
      const row = await measure();
      progress(`  ${JSON.stringify(row)}`);
      all.push(row);
    }
    const result = middleRun(all, benchmark.middleOf);
    results.push(result);
    await keepCase(name, { name: caseName, runs, result, all, machine: measuredOn });
  }
  const which = runs === 1 ? 'one run' : `middle of ${runs} runs, by ${benchmark.middleOf}`;
  process.stdout.write(`\n${name} (${which})\n${table(results)}`);
}

try {
  const wanted = readArguments(process.argv.slice(2), Object.keys(BENCHMARKS));
  if (!wanted) process.stdout.write(help(BENCHMARKS));
  else {
    workInFolderOfOwn();
    for (const name of wanted.names) {
      const benchmark = BENCHMARKS[name];
      if (benchmark) await run(name, benchmark, wanted.settings);
    }
    // A lingering client must not block the terminal.
    process.exit(0);
  }
} catch (error) {
  if (!(error instanceof NotUnderstood)) throw error;
  process.stderr.write(`${error.message}\n\n${help(BENCHMARKS)}`);
  process.exitCode = 2;
}
