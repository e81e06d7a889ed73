import { eventually } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { type Child, keepRunning } from './keep-running.ts';

function child() {
  const end = Promise.withResolvers<string>();
  const stop = vi.fn(async () => end.resolve('SIGTERM'));
  return { exited: end.promise, stop, die: () => end.resolve('SIGKILL') } satisfies Child & { die(): void };
}

test('starts another for one that died, says so, and stops the one that runs', async () => {
  const [first, second] = [child(), child()];
  const told: string[] = [];
  const restarted = Promise.withResolvers<void>();
  const restart = async () => {
    restarted.resolve();
    return second;
  };
  {
    await using _kept = keepRunning(first, { name: 'The engine', restart, tell: (text) => told.push(text) });
    first.die();
    await restarted.promise;
  }
  expect(told).toEqual([
    'The engine has ended by itself (SIGKILL); it is started again and the work goes on.',
  ]);
  expect(second.stop).toHaveBeenCalled();
});

test('one that is stopped is not brought back', async () => {
  const restart = vi.fn(async () => child());
  await keepRunning(child(), { name: 'The engine', restart, tell: () => {} })[Symbol.asyncDispose]();
  expect(restart).not.toHaveBeenCalled();
});

test('one that does not come up at once is tried again', async () => {
  const [first, second] = [child(), child()];
  const restart = vi.fn(async (): Promise<Child> => second);
  restart.mockRejectedValueOnce(new Error('port taken'));
  await using _kept = keepRunning(first, { name: 'The engine', restart, tell: () => {}, random: () => 0 });
  first.die();
  await eventually(() => expect(restart).toHaveBeenCalledTimes(2));
});

test('one that comes up and ends at once is brought back until it has ended as often as is said', async () => {
  let ends = 0;
  const told: string[] = [];
  const dying = () => ({ exited: Promise.resolve(`exit code ${++ends}`), stop: async () => {} });
  await using kept = keepRunning(dying(), {
    name: 'The engine',
    restart: async () => dying(),
    tell: (text) => told.push(text),
    random: () => 0,
  });
  const failure: Error = await kept.failed.catch((error: Error) => error);
  expect(failure.message).toBe(`The engine ended ${ends} times in a row`);
  expect(told, 'no word of a start that does not follow').toHaveLength(ends - 1);
});

test('one that can not be brought back five times in a row ends the watch with the reason', async () => {
  const first = child();
  const restart = vi.fn((): Promise<Child> => Promise.reject(new Error('no such binary')));
  await using kept = keepRunning(first, { name: 'The engine', restart, tell: () => {}, random: () => 0 });
  first.die();
  await expect(kept.failed).rejects.toThrow('no such binary');
  expect(restart).toHaveBeenCalledTimes(5);
});
