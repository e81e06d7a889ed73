/** `setlist pause` and its like beside a running system, each a process of its own. */
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

test('sets are paused, resumed, prioritized, retried and cancelled, and each command says what to do next', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 600));
  await using system = await here.start(['up'], { FAULT_LATENCY_MS: '50', CONCURRENCY: '1' });
  await system.waitForLine(/drop set files/);
  const id = (await here.run(['submit', 'a.yml'])).stdout.trim();
  await system.waitForLine(/accepted +a-/);

  const paused = await here.run(['pause', id, '--why', 'not yet'], { USER: 'jane' });
  expect(paused).toMatchObject({ code: 0, stdout: `${id} is paused: nothing further is begun.\n` });
  expect(paused.lines.join('\n')).toContain(`setlist resume ${id}`);
  const again = jsonLines(await here.run(['pause', 'a', '--json']));
  expect(again).toMatchObject([{ ok: true, setId: id, did: 'SetPaused', already: true }]);
  await eventually(async () => {
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
  expect(tooSoon.lines.join('\n')).toMatch(/has not ended: it is running\.\n.*when it has ended/);
  expect((await here.run(['cancel', 'a'])).stdout).toMatch(/is cancelled: nothing further is paid/);
  const refused = await here.run(['resume', 'a', '--json']);
  expect(refused.code).toBe(2);
  expect(jsonLines(refused)).toMatchObject([{ ok: false, code: 'already-cancelled' }]);
  expect((await here.run(['pause', 'nothing'])).code).toBe(2);
  expect((await here.run(['prioritize', 'a', 'urgent'])).code).toBe(2);
  await system.term('SIGTERM');
});

test('without a system that runs nothing can be steered, and no broker is started for it', async () => {
  await using here = await place();
  const alone = await here.run(['pause', 'a']);
  expect(alone.code).toBe(3);
  expect(alone.lines.join('\n')).toContain('Start it with "setlist up"');
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
  await eventually(async () => {
    const [set] = jsonLines(await here.run(['status', '--json']));
    expect(set).toMatchObject({ state: 'completed', round: 2, failed: 3 });
  });
  const one = await here.run(['retry', 'bad', '--item', '2']);
  expect(one.stdout).toMatch(/^1 failed item of bad-\S+ is asked for again\.$/m);
  await system.term('SIGTERM');
});
