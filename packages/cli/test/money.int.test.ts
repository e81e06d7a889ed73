/** What a user sees of money before it is spent: limits, options and refusals. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBroker } from '@setlist/broker';
import { subjects } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { startLocalEngine } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

/** What makes a command call an engine as if it were Amazon Polly. */
const pollyAt = (url: string) => ({
  AWS_ACCESS_KEY_ID: 'dummy',
  AWS_SECRET_ACCESS_KEY: 'dummy',
  AWS_ENDPOINT_URL_POLLY: url,
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

test('--max-usd is for all files of a command together: plan, run and submit refuse what goes beyond it', async () => {
  await using here = await place();
  await using engine = await startLocalEngine({ ENGINE: 'instant' });
  const keys = pollyAt(engine.url);
  await here.write('a.yml', setOf('a', 3));
  await here.write('b.yml', setOf('b', 3));
  await here.write('like-a.yml', setOf('like-a', 3, 'a'));
  // Each file has 42 characters of 4 USD a million.
  const limited = ['--provider', 'polly', '--max-usd', '0.00028'];
  const planned = await here.run(['plan', 'a.yml', 'b.yml', ...limited, '--json']);
  expect(planned.code).toBe(2);
  expect(jsonLines(planned).map(({ problem }) => problem)).toMatchObject([
    { code: 'budget', message: expect.stringContaining('of all 2 files costs 0.000336 USD together') },
    { code: 'budget' },
  ]);
  expect((await here.run(['plan', 'a.yml', 'like-a.yml', ...limited])).code).toBe(0);
  expect((await here.run(['plan', 'a.yml', 'like-a.yml', '--fresh', ...limited])).code).toBe(2);

  const ran = await here.run(['run', 'a.yml', 'b.yml', ...limited, '--no-console', '--json'], keys);
  expect(ran.code).toBe(2);
  expect(jsonLines(ran)).toMatchObject([
    { file: 'a.yml', ok: false, problems: [{ code: 'budget' }] },
    { file: 'b.yml', ok: false },
  ]);
  await using system = await here.start(['up', '--provider', 'polly', '--no-console'], keys);
  await system.waitForLine(/drop set files/);
  const submitted = await here.run(['submit', 'a.yml', 'b.yml', '--max-usd', '0.00028']);
  expect(submitted.code).toBe(2);
  expect(submitted.lines.join('\n')).toContain(
    'more than the --max-usd of 0.00028 USD; nothing was spent on them',
  );
  expect((await here.run(['replay'])).stdout, 'nothing was placed').toBe('');
  await system.term();
});

test('a run that is refused for its limit names the sets of an earlier start, which go on meanwhile', async () => {
  await using here = await place();
  await Promise.all(['a', 'b', 'earlier'].map((name) => here.write(`${name}.yml`, setOf(name, 3))));
  const keys = pollyAt('http://127.0.0.1:1');
  const polly = ['--provider', 'polly', '--no-console'];
  await using first = await here.start(['run', 'earlier.yml', ...polly], keys);
  await first.waitForLine(/^note: calls fail/);
  expect((await first.term('SIGINT')).code).toBe(130);
  expect(first.lines.join('\n')).toContain('goes on at the next start, and is paid for.');
  const refused = await here.run(['run', 'a.yml', 'b.yml', ...polly, '--max-usd', '0.00028'], keys);
  expect(refused.code).toBe(2);
  expect(refused.lines.join('\n')).toMatch(
    /^Going on with earlier-\S+ as well, [\s\S]*--max-usd of 0\.00028 USD; nothing was spent on them$/m,
  );
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

test('a run says why Polly does not answer; a system of another provider reports what it left, and a retry says what it waits for', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const nobody = { ...pollyAt('http://127.0.0.1:1'), RETRY_FOR: '4s' };
  await using run = await here.start(['run', 'a.yml', '--provider', 'polly', '--no-console'], nobody);
  await run.waitForLine(
    /^note: calls fail: connect ECONNREFUSED \S+:1; items are retried for up to 4 s, .*\(Check/,
  );
  expect(run.stdout()).toBe('');
  expect((await run.exited).code).toBe(1);
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

test('a run by the local engine says that it replaces what Polly made at the same place, and how to undo it', async () => {
  await using here = await place();
  await using engine = await startLocalEngine({ ENGINE: 'instant' });
  const keys = pollyAt(engine.url);
  await here.write('a.yml', setOf('a', 1));
  const byPolly = await here.run(['run', 'a.yml', '--no-console', '--provider', 'polly', '--json'], keys);
  const [{ setId = '' } = {}] = jsonLines(byPolly);
  const local = ['run', 'a.yml', '--no-console'];
  const said = async (...more: string[]): Promise<string> =>
    (await here.run([...local, ...more])).lines.join('\n');
  expect(byPolly.lines.join('\n')).not.toContain('replaces');
  expect(await said('--out', 'elsewhere')).not.toContain('replaces');
  const inVain = await here.run([...local, '--fresh'], { FAULT_5XX: '1', RETRY_FOR: '100ms' });
  expect(inVain.code, 'a run that writes nothing').toBe(1);
  expect(await said()).toContain(`note: a.yml replaces the files that Polly made for ${setId}; run it with`);
  expect(await said(), 'they are replaced by now').not.toContain('replaces');
});
