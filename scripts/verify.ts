/**
 * Runs all of CI's checks in order, each with its name and time; the last line counts the tests of all workspaces.
 * A failed check doesn't keep the later ones from running.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { findChromium, NO_CHROMIUM } from '@setlist/testkit';
import { clearReports, countLine, countTests } from './test-counts.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
/**
 * Three workspaces at a time, most with up to two workers: with two at a time, two cores were idle for a third of the
 * time, while tests waited for back-off, leases, quotas and restarted brokers. The slowest ones, the tests of the whole
 * system, of the command line and of the dispatcher, wait for nothing (their `turbo.json`), so they start first.
 */
const WORKSPACES_AT_ONCE = 3;

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const CHECKS: readonly Check[] = [
  { name: 'format and lint', command: join(BIN, 'biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'types', command: join(BIN, 'tsc'), args: ['--project', '.'] },
  { name: 'types of the page', command: join(BIN, 'tsc'), args: ['--project', 'services/console/page'] },
  {
    name: 'the page builds',
    command: join(BIN, 'vite'),
    args: ['build', '--config', 'services/console/page/vite.config.ts', '--logLevel', 'warn'],
  },
  { name: 'architecture', command: process.execPath, args: ['scripts/check-architecture.ts'] },
  { name: 'nothing unused', command: join(BIN, 'knip'), args: ['--no-progress'] },
  { name: 'generated files', command: process.execPath, args: ['scripts/generate.ts', '--check'] },
  {
    name: 'tests',
    command: join(BIN, 'turbo'),
    args: ['run', 'test', '--continue', '--output-logs=errors-only', `--concurrency=${WORKSPACES_AT_ONCE}`],
  },
];

clearReports(ROOT);
const failed = CHECKS.filter((check) => !passes(check));
const counts = countTests(ROOT);
for (const { workspace, fault } of counts.faults) say(`${workspace}: ${fault}`);
if (findChromium() === undefined) say(`Tests of the page were skipped: ${NO_CHROMIUM}.`);
if (failed.length > 0) say(`Failed: ${failed.map(({ name }) => name).join(', ')}. The reasons are above.`);
say(countLine(counts));
if (failed.length > 0 || counts.failed > 0) process.exitCode = 1;

function passes({ name, command, args }: Check): boolean {
  say(`── ${name}`);
  const start = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env: environment() });
  if (error) say(`${command} could not be run: ${error.message}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(`── ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`);
  return status === 0;
}

/**
 * The pinned Node comes first on PATH for everything that a check starts. Cached results also depend on which Chromium
 * there is, so that tests skipped without one run once there is one.
 */
function environment(): NodeJS.ProcessEnv {
  const chromium = findChromium();
  return {
    ...process.env,
    PATH: `${BIN}:${process.env.PATH ?? ''}`,
    TURBO_TELEMETRY_DISABLED: '1',
    // Each workspace starts the same runner, so Node's compiled code is cached between them.
    NODE_COMPILE_CACHE: join(ROOT, '.cache/compiled'),
    ...(chromium !== undefined && { CHROMIUM_BIN: chromium }),
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
