/** The kill suite by hand: `npm run test:kills -- --seed 7 --moments 200`. Ends with a table, or with one line of JSON. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { messageOf } from '@setlist/runtime';
import { natsVersion } from '@setlist/testkit';
import { describeMoment } from './moments.ts';
import { runMoments } from './run-moments.ts';
import { type Result, summaryOf, tableOf } from './summary.ts';

const HELP = `Usage: npm run test:kills -- [--seed N] [--moments 25] [--only N] [--labs 2] [--json]

  --seed N      which moments; chosen by chance, and printed, where it is missing
  --moments N   how many
  --only N      the N-th moment of the seed alone
  --labs N      how many systems run side by side
  --json        one line of JSON on standard output in place of the table
`;
const values = understood();
const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)));
const numbers =
  values.only === undefined
    ? Array.from({ length: wholeNumber('moments', values.moments) }, (_, index) => index + 1)
    : [wholeNumber('only', values.only)];

// Its servers end with it only when it exits by itself.
process.on('SIGHUP', () => process.exit(129));
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
const version = await natsVersion();
const start = performance.now();
say(
  `seed ${seed}, moments: ${numbers.length}, nats-server ${version}, ${availableParallelism()} cores, Node ${process.version}`,
);
const results: Result[] = [];
await runMoments({
  seed,
  numbers,
  labs: Math.max(1, wholeNumber('labs', values.labs)),
  onReady: (undisturbedMs) => say(`a set that nothing disturbs takes ${seconds(undisturbedMs)} s`),
  onResult: (result) => {
    results.push(result);
    tell(result);
  },
});
const summary = summaryOf(results);
const tookSeconds = Math.round((performance.now() - start) / 1000);
if (values.json)
  process.stdout.write(`${JSON.stringify({ seed, natsServer: version, tookSeconds, ...summary })}\n`);
else say(`\n${tableOf(summary)}\n\n${summary.failed} of ${summary.moments} failed; ${tookSeconds} s in all`);
if (summary.failed > 0) process.exitCode = 1;

function tell({ moment, wrong, costs, recoveryMs, shortByTask }: Result): void {
  const took = recoveryMs === undefined ? 'not got over' : `${seconds(recoveryMs)} s to its set's end`;
  const twice = costs?.callsPaidTwice ? `, ${costs.callsPaidTwice} calls paid twice` : '';
  const either = shortByTask ? `, ${shortByTask} short items by tasks` : '';
  say(`${describeMoment(moment)}: ${took}${twice}${either}`);
  for (const fault of wrong) say(`  WRONG: ${fault}`);
  if (wrong.length > 0)
    say(`  To meet it again: npm run test:kills -- --seed ${seed} --only ${moment.number}`);
}

function understood() {
  const options = {
    seed: { type: 'string' },
    moments: { type: 'string', default: '25' },
    only: { type: 'string' },
    labs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const parsed = parseArgs({ options }).values;
    if (!parsed.help) return parsed;
    process.stdout.write(HELP);
    process.exit();
  } catch (error) {
    return misunderstood(messageOf(error));
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return misunderstood(`--${name} must be a whole number, not ${text}`);
}

function misunderstood(what: string): never {
  process.stderr.write(`${what}\n\n${HELP}`);
  process.exit(2);
}

/** With --json, standard output is for the summary alone. */
function say(text: string): void {
  (values.json ? process.stderr : process.stdout).write(`${text}\n`);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
