/** A run whose set is cancelled, alone or beside another one that goes on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProcess } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { callUnderWay, childrenOf, frozen, jsonLines, type Place, place, seen, setOf } from './cli.ts';

/** A set just accepted has its calls made before it is listed, and until then its name is unknown. */
const cancelledByName = (here: Place): Promise<void> =>
  seen(async () => expect((await here.run(['cancel', 'a'])).code).toBe(0));

test('the results of a run that is cancelled have the calls that were under way, as the manifest has', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 600));
  await using running = await here.start(['run', 'a.yml', '--json'], {
    FAULT_LATENCY_MS: '1500',
    CONCURRENCY: '16',
  });
  await callUnderWay(here);
  await cancelledByName(here);
  expect((await running.exited).code).toBe(4);
  const [result = {}] = jsonLines({ stdout: running.stdout() });
  expect(result.completed).toBeGreaterThan(0);
  const [status = {}] = jsonLines(await here.run(['status', '--json']));
  expect([result.completed, result.billedCharacters]).toEqual([status.completed, status.billedCharacters]);
  const manifest = JSON.parse(await readFile(join(here.path, 'out/a/manifest.json'), 'utf8'));
  expect(manifest.counts.completed).toBe(status.completed);
});

/** Cancels the set and then stops its run, before the calls that are under way can end. */
async function cancelledAndStopped(here: Place, running: TestProcess) {
  await callUnderWay(here);
  using _engine = frozen(childrenOf(running.pid, 'polly-local'));
  await cancelledByName(here);
  await seen(async () => expect((await here.run(['status', 'a'])).stdout).toMatch(/^a-\S+ {2}cancelled/));
  const ended = running.term('SIGINT');
  await running.waitForLine(/^Stopping: nothing new begins/);
  // The engine stays frozen until the results are there, so that they can't have waited for its calls.
  await running.waitForLine(/"state":"cancelled"|^a .* cancelled$/);
  return ended;
}

test('Ctrl-C ends the wait for calls under way of a run whose set was cancelled, with its results as they are known', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 60));
  const slow = { FAULT_LATENCY_MS: '3000', CONCURRENCY: '4', CALL_TIMEOUT: '10m' };
  await using running = await here.start(['run', 'a.yml', '--json'], slow);
  expect((await cancelledAndStopped(here, running)).code).toBe(130);
  expect(running.lines.join('\n'), 'it has ended').not.toContain('setlist cancel');
  expect(jsonLines({ stdout: running.stdout() })).toMatchObject([{ set: 'a', state: 'cancelled' }]);
});

test('Ctrl-C names the sets that are left, and not the one that has ended', async () => {
  await using here = await place();
  await here.write('long.yml', setOf('long', 60));
  await here.write('a.yml', setOf('a', 60));
  const slow = { FAULT_LATENCY_MS: '3000', CONCURRENCY: '4', CALL_TIMEOUT: '10m' };
  await using first = await here.start(['run', 'long.yml'], slow);
  await seen(async () => expect(jsonLines(await here.run(['status', '--json']))).toHaveLength(1));
  await first.kill9();
  await using second = await here.start(['run', 'a.yml'], slow);
  await seen(async () => expect(jsonLines(await here.run(['status', '--json']))).toHaveLength(2));
  expect((await cancelledAndStopped(here, second)).code).toBe(130);
  const said = second.lines.join('\n');
  expect(said).toMatch(/What is left of (long-\S+) goes on .* setlist cancel \1$/m);
  expect(said).not.toContain('setlist cancel a');
});
