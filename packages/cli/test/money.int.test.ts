/** What a user sees of money before it is spent: the plan beside the last run, and refusals of `run`. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LARGE_BYTES } from '@setlist/admission';
import { startBroker } from '@setlist/broker';
import { subjects } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

const TOUR = `set:
  name: tour
defaults:
  engine: standard
items:
  - text: Welcome.
    output-file: welcome.mp3
  - text: Mind the step.
    output-file: step.mp3
  - text: Goodbye.
    output-file: bye.mp3
`;

test('plan compares with the last run: new, changed and cached items, and the files it leaves behind', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const edited = TOUR.replace('Welcome.', 'Welcome, all.')
    .replace('  - text: Mind the step.\n    output-file: step.mp3\n', '')
    .replace('bye.mp3', 'goodbye.mp3');
  await here.write('tour.yml', `${edited}  - text: One more thing.\n    output-file: more.mp3\n`);

  const [plan] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  expect(plan).toMatchObject({
    states: { new: 1, changed: 1, cached: 1, anew: 0 },
    billedCharacters: 'Welcome, all.One more thing.'.length,
    lastRun: { setId: expect.stringMatching(/^tour-\d{8}t\d{6}-/) },
    leftBehind: [
      { index: 1, file: 'step.mp3', because: 'removed' },
      { index: 2, file: 'bye.mp3', because: 'renamed', now: 'goodbye.mp3' },
    ],
  });
  const { stdout, code } = await here.run(['plan', 'tour.yml']);
  expect(code).toBe(0);
  expect(stdout).toContain('Items       3: 1 new, 1 changed, 1 cached');
  expect(stdout).toContain('Left over   2 files');
  expect(stdout).toMatch(/tour\/bye\.mp3\n {4}now goodbye\.mp3/);

  const [fresh] = jsonLines(await here.run(['plan', 'tour.yml', '--fresh', '--json']));
  expect(fresh).toMatchObject({ states: { new: 1, changed: 1, anew: 1, cached: 0 }, billedCharacters: 36 });
});

test('plan counts what is gone from the store as to be paid, as the run after it does', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  await rm(join(here.path, '.setlist/store/audio'), { recursive: true });

  const [plan] = jsonLines(await here.run(['plan', 'tour.yml', '--json']));
  const billedCharacters = 'Welcome.Mind the step.Goodbye.'.length;
  expect(plan).toMatchObject({ states: { new: 0, gone: 3, cached: 0 }, billedCharacters });
  const { stdout } = await here.run(['plan', 'tour.yml']);
  expect(stdout).toContain('Items       3: 3 gone from the store');
  expect(stdout).toContain('To pay      30 characters in 3 sounds');
  expect(jsonLines(await here.run(['run', 'tour.yml', '--json']))[0]).toMatchObject({
    completed: 3,
    billedCharacters,
  });
  expect((await here.run(['plan', 'tour.yml'])).stdout).toContain('Items       3: 3 cached');
});

test('plan says that it can’t look where the audio of a system elsewhere is kept, unless it is told', async () => {
  await using here = await place();
  await here.write('tour.yml', TOUR);
  expect((await here.run(['run', 'tour.yml'])).code).toBe(0);
  const data = join(here.path, '.setlist');
  await using broker = await startBroker({
    storeDir: join(data, 'broker'),
    logFile: join(data, 'logs/nats-server.log'),
  });
  const plan = ['plan', 'tour.yml', '--server', broker.url];
  await rm(join(data, 'store/audio'), { recursive: true });
  const blind = await here.run([...plan, '--json']);
  expect(jsonLines(blind)[0]).toMatchObject({ states: { cached: 3 }, audioUnknown: true });
  expect(blind.lines.join('\n')).toContain('Add --store');
  const [told] = jsonLines(await here.run([...plan, '--store', join(data, 'store'), '--json']));
  expect(told).toMatchObject({ states: { gone: 3 } });
  expect(told).not.toHaveProperty('audioUnknown');

  const away = await here.run([...plan, '--store', 's3://setlist-nowhere'], {
    S3_ENDPOINT: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
  });
  expect([away.code, away.stdout]).toEqual([3, '']);
  expect(away.lines.join('\n')).toContain('Cannot look up s3://setlist-nowhere/audio/');
});

test('of many items a plan shows those that are to be made, and all when asked', async () => {
  await using here = await place();
  await here.write('long.yml', setOf('long', 50));
  const brief = (await here.run(['plan', 'long.yml'])).stdout;
  expect(brief).toContain('and 30 items more: --items shows all');
  expect(brief).not.toContain('phrase-49');
  expect((await here.run(['plan', 'long.yml', '--items'])).stdout).toContain('phrase-49');
});

test('a file so large that it is read by a thread of its own is planned and adopted like any other', async () => {
  await using here = await place();
  const items = Math.ceil(LARGE_BYTES / '  - text: Phrase 0 of long.\n'.length);
  await here.write('long.yml', setOf('long', items));
  const [plan] = jsonLines(await here.run(['plan', 'long.yml', '--json']));
  expect(plan).toMatchObject({ states: { new: items } });
  expect(plan?.items).toHaveLength(items);
  await mkdir(join(here.path, 'audio/long'), { recursive: true });
  await writeFile(join(here.path, 'audio/long/item-000000-phrase-0-of-long.mp3'), 'no audio at all');
  const dry = await here.run(['adopt', 'audio', 'long.yml', '--provider', 'local', '--dry-run', '--json']);
  expect(jsonLines(dry)).toHaveLength(items);
});

test('plan says with exit code 2 that a set may not cost what it would', async () => {
  await using here = await place();
  await here.write('dear.yml', setOf('dear', 2));
  const plan = (...more: string[]) => here.run(['plan', 'dear.yml', '--provider', 'polly', ...more]);
  const over = await plan('--max-usd', '0.0001');
  expect(over.code).toBe(2);
  expect(over.stdout).toContain('Budget      $0.00010 (--max-usd)');
  expect(over.stdout).toMatch(/Would be refused: .* 0\.000136 USD, more than the --max-usd of 0\.0001 USD\./);
  const [json] = jsonLines(await plan('--max-usd', '0.0001', '--json'));
  expect(json).toMatchObject({ budget: { usd: '0.0001', by: '--max-usd' }, problem: { code: 'budget' } });
  expect((await plan('--max-usd', '1')).code).toBe(0);

  const env = { MONTHLY_USD: '0.00009', FREE_CHARACTERS: 'standard=10' };
  const capped = await here.run(['plan', 'dear.yml', '--provider', 'polly'], env);
  expect(capped.code).toBe(2);
  expect(capped.stdout).toContain(
    'This month  $0.00 paid, up to $0.00 to come from open sets; cap $0.000090',
  );
  expect(capped.stdout).toContain('Price       $0.000096, the rest of $0.00014 is free this month');
});

test('options of a run are checked before anything starts', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  for (const [option, value, said] of [
    ['--max-usd', '$5', /Write digits/],
    ['--deadline', 'tomorrow', /Write a length of time/],
    ['--priority', 'urgent', /Allowed choices are high, normal, low/],
  ] as const) {
    const ended = await here.run(['run', 'a.yml', option, value]);
    expect(ended.code).toBe(2);
    expect(ended.lines.join('\n')).toMatch(said);
  }
  const past = await here.run(['run', 'a.yml', '--deadline', '2020-01-01T00:00Z']);
  expect(past.code).toBe(2);
  expect(past.lines.join('\n')).toMatch(/^a\.yml:1:1: the deadline 2020-01-01T00:00Z has passed/m);
  await here.write('both.yml', setOf('both', 1).replace('  name: both', '  name: both\n  paths: both'));
  const both = await here.run(['run', 'both.yml', '--provider', 'polly']);
  expect(both.code).toBe(2);
  expect(both.lines.join('\n')).toMatch(/^both\.yml:3:10: "paths: both" asks for tasks.*TASK_BUCKET/m);
  expect(await readdir(here.path)).not.toContain('.setlist');
});

test.each(['run', 'up'])('without credentials for Polly %s begins nothing', async (command) => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const env = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: here.path,
  };
  const files = command === 'run' ? ['a.yml'] : [];
  const ended = await here.run([command, ...files, '--provider', 'polly'], env);
  expect(ended.code).toBe(3);
  expect(ended.lines.join('\n')).toMatch(/no credentials for Amazon Polly.*\n.*aws configure/);
  expect(await readdir(here.path)).not.toContain('.setlist');
});

test('what a failed run by Polly left is told of by a system of another provider, and a retry says what it waits for', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const keys = { AWS_ACCESS_KEY_ID: 'dummy', AWS_SECRET_ACCESS_KEY: 'dummy' };
  const nobody = { ...keys, AWS_ENDPOINT_URL_POLLY: 'http://127.0.0.1:1', RETRY_FOR: '1s' };
  expect((await here.run(['run', 'a.yml', '--provider', 'polly', '--no-console'], nobody)).code).toBe(1);
  const alone = await here.run(['retry', 'a']);
  expect(alone.code).toBe(3);
  expect(alone.lines.join('\n')).toContain('"setlist up --provider polly"');
  await using system = await here.start(['up', '--no-console']);
  await system.waitForLine(/drop set files/);
  const retried = await here.run(['retry', 'a']);
  expect(retried.code).toBe(0);
  expect(retried.lines.join('\n')).toMatch(/waits for --provider polly.* "setlist up --provider polly"/);
  expect((await system.term('SIGINT')).code).toBe(130);
  await using again = await here.start(['up', '--no-console']);
  await again.waitForLine(/a-\S+ still has 1 item to do and waits for --provider polly/);
  expect((await again.term('SIGINT')).code).toBe(130);
});

test('a refusal at the door reaches scripts and people alike', async () => {
  await using here = await place();
  await here.write('dear.yml', setOf('dear', 2));
  const keys = { AWS_ACCESS_KEY_ID: 'dummy', AWS_SECRET_ACCESS_KEY: 'dummy', MONTHLY_USD: '0.00001' };
  const args = ['run', 'dear.yml', '--provider', 'polly', '--no-console', '--json'];
  const ended = await here.run(args, keys);
  expect(ended.code).toBe(2);
  expect(ended.lines).toContain('Amazon Polly speaks, in us-east-1, which costs money.');
  const [result] = jsonLines(ended);
  const problems = [{ code: 'monthly-cap', message: expect.any(String), remedy: expect.any(String) }];
  expect(result).toMatchObject({ set: 'dear', state: 'rejected', problemCount: 1, problems });
  expect(ended.lines.join('\n')).toMatch(/^dear was refused; nothing was spent:\n {2}\d+:\d+: .+ \(.+\)$/m);
  const [status] = jsonLines(await here.run(['status', String(result?.setId), '--json']));
  expect(status).toMatchObject({ state: 'rejected', problemCount: 1, problems });
});

test('the options of a run reach its acceptance, and --fresh has every sound made again', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 2));
  const args = ['run', 'a.yml', '--max-usd', '2.50', '--deadline', '2h', '--priority', 'high', '--json'];
  expect(jsonLines(await here.run(args))[0]).toMatchObject({ completed: 2, reused: 0 });
  expect(jsonLines(await here.run(['run', 'a.yml', '--json']))[0]).toMatchObject({ reused: 2 });
  const fresh = jsonLines(await here.run(['run', 'a.yml', '--fresh', '--json']));
  expect(fresh[0]).toMatchObject({ completed: 2, reused: 0, billedCharacters: 28 });

  const data = join(here.path, '.setlist');
  await using broker = await startBroker({
    storeDir: join(data, 'broker'),
    logFile: join(data, 'logs/nats-server.log'),
  });
  await using log = await openEventLog({ servers: broker.url, name: 'test' });
  const accepted = [];
  for await (const { event } of log.read({ subjects: [subjects.state('*')] })) {
    if (event?.name === 'SetAccepted') accepted.push(event.data);
  }
  expect(accepted).toMatchObject([{ budgetUsd: '2.50', priority: 'high' }, {}, { fresh: true }]);
  const [first, second] = accepted;
  expect(Date.parse(first?.deadline ?? '')).toBeGreaterThan(Date.now());
  expect(second).not.toHaveProperty('fresh');
  expect(second).not.toHaveProperty('deadline');
});
