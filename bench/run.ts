/** Runs the benchmarks, prints their tables, and keeps the results with the machine's description. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { help, NotUnderstood, readArguments } from './arguments.ts';
import { audit } from './audit.ts';
import { type Benchmark, progress, type Row, type Settings } from './benchmark.ts';
import { console } from './console.ts';
import { fairness } from './fairness.ts';
import { growth } from './growth.ts';
import { latency } from './latency.ts';
import { machine } from './machine.ts';
import { overhead } from './overhead.ts';
import { quota } from './quota.ts';
import { keepResults, middleRun, table } from './report.ts';
import { rerun } from './rerun.ts';
import { spike } from './spike.ts';
import { telemetry } from './telemetry.ts';

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

/** All that is stored goes into one folder, which goes however this process ends; the test kit ends the servers. */
function workInFolderOfOwn(): void {
  const folder = mkdtempSync(join(tmpdir(), 'setlist-bench-'));
  // apt's own download user must get in, where redis-server has to be fetched.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  process.once('exit', () =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  );
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      progress('stopped; nothing of this run is kept');
      process.exit(code);
    });
  }
}

async function run(name: string, benchmark: Benchmark, settings: Settings): Promise<void> {
  const measuredOn = await machine();
  const results: Row[] = [];
  const all: Row[][] = [];
  for (const { name: caseName, measure } of await benchmark.cases(settings)) {
    const rows: Row[] = [];
    for (let time = 1; time <= settings.runs; time++) {
      progress(`${name}: ${caseName}, run ${time} of ${settings.runs}`);
      const row = await measure();
      progress(`  ${JSON.stringify(row)}`);
      rows.push(row);
    }
    results.push(middleRun(rows, benchmark.middleOf));
    all.push(rows);
  }
  const which = settings.runs === 1 ? 'one run' : `middle of ${settings.runs} runs, by ${benchmark.middleOf}`;
  process.stdout.write(`\n${name} (${which})\n${table(results)}`);
  await keepResults(name, { runs: settings.runs, results, all }, measuredOn);
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
    // A client that lingers must not keep the terminal.
    process.exit(0);
  }
} catch (error) {
  if (!(error instanceof NotUnderstood)) throw error;
  process.stderr.write(`${error.message}\n\n${help(BENCHMARKS)}`);
  process.exitCode = 2;
}
