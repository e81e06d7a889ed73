/** Which set the name of several runs means to the commands that steer. */
import { expect, test } from 'vitest';
import { jsonLines, place, seen, setOf } from './cli.ts';

test('a name steers the newest run that was not refused, while status shows the refused one', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 2_000));
  await using system = await here.start(['up', '--no-console'], { FAULT_LATENCY_MS: '50', CONCURRENCY: '1' });
  await system.waitForLine(/drop set files/);
  const id = (await here.run(['submit', 'a.yml'])).stdout.trim();
  await here.write('inbox/edited.yml', `${setOf('a', 1)}  - texd: A typo.\n`);
  await system.waitForLine(/refused +edited\.yml/);
  await seen(async () =>
    expect(jsonLines(await here.run(['status', 'a', '--json']))[0]).toMatchObject({ state: 'rejected' }),
  );
  const paused = await here.run(['pause', 'a', '--json']);
  expect(jsonLines(paused)).toMatchObject([{ ok: true, setId: id, did: 'SetPaused' }]);
  expect((await here.run(['cancel', 'a'])).stdout).toContain(`${id} is cancelled`);
  await system.term('SIGTERM');
});

test('a name steers the newest run that has not ended, and a refusal names the run that it is about', async () => {
  await using here = await place();
  await here.write('long.yml', setOf('a', 2_000));
  await here.write('short.yml', setOf('a', 1));
  await using system = await here.start(['up', '--no-console'], { FAULT_LATENCY_MS: '50', CONCURRENCY: '1' });
  await system.waitForLine(/drop set files/);
  const long = (await here.run(['submit', 'long.yml'])).stdout.trim();
  const short = (await here.run(['submit', 'short.yml'])).stdout.trim();
  await seen(async () =>
    expect(jsonLines(await here.run(['status', 'a', '--json']))[0]).toMatchObject({
      setId: short,
      state: 'completed',
    }),
  );
  expect((await here.run(['pause', 'a'])).stdout).toContain(`${long} is paused`);
  const tooMuch = await here.run(['retry', 'a']);
  expect(tooMuch.lines.join('\n')).toContain(`${short}: No item of the set failed`);
  expect((await here.run(['cancel', 'a'])).stdout).toContain(`${long} is cancelled`);
  const again = await here.run(['cancel', 'a', '--json']);
  expect(again.code).toBe(2);
  expect(jsonLines(again)).toMatchObject([
    { ok: false, message: `${short}: The set is completed: it can't be cancelled.` },
  ]);
  await system.term('SIGTERM');
});
