/** `setlist pause` and its like beside a running system, each a process of its own. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBroker } from '@setlist/broker';
import { POSITION_KEY } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { jsonLines, place, processesWith, seen, setOf } from './cli.ts';

test('a run that is stopped while its set is paused says how to resume it, not that it goes on', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 2_000));
  await using run = await here.start(['run', 'a.yml', '--no-console'], {
    FAULT_LATENCY_MS: '50',
    CONCURRENCY: '1',
  });
  await seen(async () => expect((await here.run(['pause', 'a'])).code).toBe(0));
  await run.waitForLine(/paused/);
  expect((await run.term('SIGINT')).code).toBe(130);
  const said = run.lines.join('\n');
  expect(said).toMatch(/(a-\S+) stays paused; to resume: setlist resume \1/);
  expect(said).not.toContain('goes on at the next start');
});

test('sets are paused, resumed, prioritized, retried and cancelled, and each command says what to do next', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 2_000));
  await using system = await here.start(['up'], { FAULT_LATENCY_MS: '50', CONCURRENCY: '1' });
  await system.waitForLine(/drop set files/);
  const id = (await here.run(['submit', 'a.yml'])).stdout.trim();
  await system.waitForLine(/accepted +a-/);

  const paused = await here.run(['pause', id, '--why', 'not yet'], { USER: 'jane' });
  expect(paused).toMatchObject({ code: 0, stdout: `${id} is paused: nothing further is begun.\n` });
  expect(paused.lines.join('\n')).toContain(`setlist resume ${id}`);
  const { broker } = JSON.parse(await readFile(join(here.path, '.setlist/system.json'), 'utf8'));
  const elsewhere = await here.run(['pause', id, '--server', broker]);
  const address = broker.replace(/[0-9a-f]{64}/, '***');
  expect(elsewhere.lines.join('\n')).toContain(`setlist resume ${id} --server '${address}'`);
  const again = jsonLines(await here.run(['pause', 'a', '--json']));
  expect(again).toMatchObject([{ ok: true, setId: id, did: 'SetPaused', already: true }]);
  await seen(async () => {
    const [set] = jsonLines(await here.run(['status', '--json']));
    expect(set).toMatchObject({ setId: id, state: 'paused' });
  });
  expect((await here.run(['prioritize', 'a', 'low'])).stdout).toBe(`${id} has low priority from now on.\n`);
  expect((await here.run(['resume', 'a', '--as', 'the night shift'])).code).toBe(0);

  await system.waitForLine(new RegExp(`paused +${id}, by jane@\\S+: not yet$`));
  await system.waitForLine(new RegExp(`resumed +${id}, by the night shift$`));
  const { stdout: told } = await here.run(['status', 'a']);
  expect(told).toMatch(
    / {2}paused by jane@\S+: not yet\n.* {2}given low priority by \S+\n.* {2}resumed by the night/,
  );
  expect(jsonLines(await here.run(['status', 'a', '--json']))[0]).toMatchObject({
    priority: 'low',
    steering: [{ did: 'SetPaused', why: 'not yet' }, { did: 'SetPrioritized' }, { did: 'SetResumed' }],
  });

  const tooSoon = await here.run(['retry', 'a']);
  expect(tooSoon.code).toBe(2);
  expect(tooSoon.lines.join('\n')).toMatch(/has not ended: it is running\.\n.*once it has ended/);
  expect((await here.run(['cancel', 'a'])).stdout).toMatch(/is cancelled: nothing further is begun/);
  const refused = await here.run(['resume', 'a', '--json']);
  expect(refused.code).toBe(2);
  expect(jsonLines(refused)).toMatchObject([{ ok: false, code: 'already-cancelled' }]);
  expect((await here.run(['pause', 'nothing'])).code).toBe(2);
  for (const unknown of ['nothing', 'nothing-20260105t090000-k3f9q2']) {
    const answer = await here.run(['pause', unknown, '--json']);
    expect(answer.code).toBe(2);
    expect(jsonLines(answer)).toMatchObject([{ ok: false, code: 'unknown-set' }]);
  }
  expect((await here.run(['prioritize', 'a', 'urgent'])).code).toBe(2);
  await system.term('SIGTERM');
});

test('a tracker that cannot go on ends the command that it came for, with the reason, and leaves nothing behind', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  expect((await here.run(['run', 'a.yml'])).code).toBe(0);
  {
    await using broker = await startBroker({ storeDir: join(here.path, '.setlist/broker') });
    await using log = await openEventLog({ servers: broker.url, name: 'test' });
    await log.sets.put(POSITION_KEY, { lastSeq: 1, fold: 1_000 });
  }
  await using command = await here.start(['pause', 'a']);
  expect((await command.exited).code).toBe(3);
  expect(command.lines.join('\n')).toMatch(/^error: /m);
  expect(processesWith(here.path), 'left running').toEqual([]);
});

test('without a log nothing can be steered, and no broker is started for it', async () => {
  await using here = await place();
  const alone = await here.run(['pause', 'a']);
  expect(alone.code).toBe(3);
  expect(alone.lines.join('\n')).toContain('there are no sets in');
  expect(existsSync(join(here.path, '.setlist'))).toBe(false);
});

test('a set that a stopped run left is steered without a system, and once cancelled no later run goes on with it', async () => {
  await using here = await place();
  await here.write('long.yml', setOf('long', 1_500));
  const slow = { FAULT_LATENCY_MS: '100', CONCURRENCY: '2' };
  await using first = await here.start(['run', 'long.yml'], slow);
  await seen(async () => {
    const [set] = jsonLines(await here.run(['status', '--json']));
    expect(Number(set?.completed)).toBeGreaterThan(3);
  });
  expect((await first.term('SIGINT')).code).toBe(130);
  expect(first.lines.join('\n')).toContain('setlist cancel long');

  await here.write('short.yml', setOf('short', 1));
  const beside = await here.run(['run', 'short.yml', '--json'], slow);
  const [short, long = {}] = jsonLines(beside);
  expect(short).toMatchObject({ set: 'short', completed: 1 });
  expect(long).toMatchObject({ set: 'long', begunEarlier: true, addedUsd: '0.00' });
  expect(beside.lines.join('\n')).toMatch(/Going on with (long-\S+) as well.*"setlist cancel \1" ends it/);
  expect((await here.run(['run', 'short.yml'], slow)).stdout).toMatch(/^long \(begun earlier\) .* running$/m);

  expect((await here.run(['pause', 'long'])).stdout).toMatch(/^long-\S+ is paused/);
  const retry = await here.run(['retry', 'long']);
  expect(retry.code).toBe(3);
  expect(retry.lines.join('\n')).toContain('Run the set’s file again');
  const resumed = await here.run(['resume', 'long']);
  expect(resumed.lines.join('\n')).toContain('No system runs here: "setlist up" goes on with it.');
  const [cancelled] = jsonLines(await here.run(['cancel', 'long', '--json']));
  expect(cancelled).toMatchObject({ ok: true, did: 'SetCancelled' });
  expect(await here.run(['status', 'long'])).toMatchObject({
    stdout: expect.stringMatching(/^long-\S+ {2}cancelled/),
  });
  const manifest = JSON.parse(await readFile(join(here.path, 'out/long/manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({ state: 'cancelled' });
  const last = await here.run(['run', 'short.yml', '--json']);
  expect(jsonLines(last)).toHaveLength(1);
  expect(last.lines.join('\n')).not.toContain('Going on');
  expect(processesWith(here.path), 'left running').toEqual([]);
});

test('what a killed run left to do is told by all that the log has of it', async () => {
  await using here = await place();
  await here.write('long.yml', setOf('long', 400));
  const slow = { FAULT_LATENCY_MS: '100', CONCURRENCY: '2', FLUSH_EVERY: '3s' };
  await using first = await here.start(['run', 'long.yml'], slow);
  await seen(async () => {
    const [set] = jsonLines(await here.run(['status', '--json']));
    expect(Number(set?.completed)).toBeGreaterThan(3);
  });
  const completions = async (): Promise<number> =>
    jsonLines(await here.run(['replay', 'long', '--type', 'ItemCompleted'])).length;
  const shown = await completions();
  await seen(async () => expect(await completions()).toBeGreaterThan(shown));
  await first.kill9();
  const left = 400 - (await completions());
  await using second = await here.start(['up'], slow);
  await second.waitForLine(/Going on with long-/);
  expect(second.lines.join('\n')).toContain(`left with ${left} items to do`);
  await second.term('SIGTERM');
});

test('a command that is told as the next one names the data folder, where that is not the usual one', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 400));
  const slow = { FAULT_LATENCY_MS: '100', CONCURRENCY: '2' };
  await using running = await here.start(['run', 'a.yml', '--data', 'work'], slow);
  await seen(async () => {
    expect(jsonLines(await here.run(['status', '--data', 'work', '--json']))).toHaveLength(1);
  });
  const paused = await here.run(['pause', 'a', '--data', 'work']);
  expect(paused.lines.join('\n')).toMatch(/Go on with "setlist resume a-\S+ --data work"\./);
  const resumed = await here.run(['resume', 'a', '--data', 'work']);
  expect(resumed.lines.join('\n')).toMatch(/Follow it with "setlist status a-\S+ --watch --data work"\./);
  await running.term('SIGINT');
});

test('a retry can name the items that it is about', async () => {
  await using here = await place();
  const bad = [1, 2, 3].map((at) => `  - text: <speak>Open <b>wide ${at}</b></speak>\n    text-type: ssml`);
  await here.write('bad.yml', `${setOf('bad', 1)}${bad.join('\n')}\n`);
  expect((await here.run(['run', 'bad.yml', '--compat'])).code).toBe(1);
  await using system = await here.start(['up', '--compat']);
  await system.waitForLine(/drop set files/);
  expect((await here.run(['retry', 'bad', '--item', 'two'])).code).toBe(2);
  const good = await here.run(['retry', 'bad', '--item', '0', '--json']);
  expect(good.code, 'item 0 did not fail').toBe(2);
  const retried = await here.run(['retry', 'bad', '--item', '1', '--item', '2-3,3', '--json']);
  expect(jsonLines(retried)).toMatchObject([{ ok: true, did: 'SetRetried', items: 3 }]);
  await seen(async () => {
    const [set] = jsonLines(await here.run(['status', '--json']));
    expect(set).toMatchObject({ state: 'completed', round: 2, failed: 3 });
  });
  const one = await here.run(['retry', 'bad', '--item', '2']);
  expect(one.stdout).toMatch(/^1 failed item of bad-\S+ is asked for again\.$/m);
  await system.term('SIGTERM');
});
