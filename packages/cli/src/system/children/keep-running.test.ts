import { setImmediate } from 'node:timers/promises';
import { unlessAborted } from '@setlist/runtime';
import { eventually } from '@setlist/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EXIT } from '../../exit-codes.ts';
import { explain } from '../../failure.ts';
import { type Child, keepRunning } from './keep-running.ts';

const logFile = '/data/logs/engine.log';

function child() {
  const end = Promise.withResolvers<string>();
  const stop = vi.fn(async () => end.resolve('SIGTERM'));
  return { exited: end.promise, stop, die: () => end.resolve('SIGKILL') } satisfies Child & { die(): void };
}

test('restarts a child that died, says so, and stops the new one at the end', async () => {
  const [first, second] = [child(), child()];
  const told: string[] = [];
  const restarted = Promise.withResolvers<void>();
  const restart = async () => {
    restarted.resolve();
    return second;
  };
  {
    await using _kept = keepRunning(first, {
      name: 'The engine',
      restart,
      logFile,
      tell: (text) => told.push(text),
    });
    first.die();
    await restarted.promise;
  }
  expect(told).toEqual([
    'The engine has ended by itself (SIGKILL); it is being restarted and the work continues.',
  ]);
  expect(second.stop).toHaveBeenCalled();
});

test('does not restart a child that was stopped', async () => {
  const restart = vi.fn(async () => child());
  await keepRunning(child(), { name: 'The engine', restart, logFile, tell: () => {} })[Symbol.asyncDispose]();
  expect(restart).not.toHaveBeenCalled();
});

test('ends a restart that is under way when it is stopped', async () => {
  const first = child();
  const restarting = Promise.withResolvers<AbortSignal>();
  const restart = (signal: AbortSignal) => {
    restarting.resolve(signal);
    return unlessAborted(new Promise<never>(() => undefined), signal);
  };
  {
    const options = { name: 'The broker', restart, logFile, tell: () => {}, random: () => 0 };
    await using _kept = keepRunning(first, options);
    first.die();
    await restarting.promise;
  }
  expect(await restarting.promise).toMatchObject({ aborted: true });
});

test('waits a few seconds after a stop for a child that is away, then gives it up with the stop’s reason, before it ends', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const first = child();
  const stop = new AbortController();
  const restarting = Promise.withResolvers<AbortSignal>();
  const ended = Promise.withResolvers<never>();
  const restart = (signal: AbortSignal) => {
    restarting.resolve(signal);
    return ended.promise;
  };
  const options = { name: 'The broker', restart, logFile, tell: () => {}, random: () => 0 };
  await using kept = keepRunning(first, { ...options, signal: stop.signal });
  first.die();
  const start = await restarting.promise;
  stop.abort();
  vi.advanceTimersByTime(4_999);
  expect(start.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  let hasEnded = false;
  const givenUp = kept.failed.catch((error: unknown) => ({ error, hasEnded }));
  await setImmediate();
  hasEnded = true;
  ended.reject(stop.signal.reason);
  expect(await givenUp).toEqual({ error: stop.signal.reason, hasEnded: false });
});

test('tries again if a restart fails', async () => {
  const [first, second] = [child(), child()];
  const restart = vi.fn(async (): Promise<Child> => second);
  restart.mockRejectedValueOnce(new Error('port taken'));
  await using _kept = keepRunning(first, {
    name: 'The engine',
    restart,
    logFile,
    tell: () => {},
    random: () => 0,
  });
  first.die();
  await eventually(() => expect(restart).toHaveBeenCalledTimes(2));
});

test('gives up on a child that keeps ending right after its start, and says how often it ended, and where its log is', async () => {
  let ends = 0;
  const told: string[] = [];
  const dying = () => ({ exited: Promise.resolve(`exit code ${++ends}`), stop: async () => {} });
  await using kept = keepRunning(dying(), {
    name: 'The engine',
    restart: async () => dying(),
    logFile,
    tell: (text) => told.push(text),
    random: () => 0,
  });
  const failure = explain(await kept.failed.catch((error: unknown) => error));
  expect(failure).toEqual({
    exitCode: EXIT.missing,
    message: `The engine ended ${ends} times in a row`,
    remedy: expect.stringContaining(logFile),
    unforeseen: false,
  });
  expect(told, 'announces no restart that does not follow').toHaveLength(ends - 1);
});

test('fails with the reason after five failed restarts in a row', async () => {
  const first = child();
  const restart = vi.fn((): Promise<Child> => Promise.reject(new Error('no such binary')));
  await using kept = keepRunning(first, {
    name: 'The engine',
    restart,
    logFile,
    tell: () => {},
    random: () => 0,
  });
  first.die();
  await expect(kept.failed).rejects.toThrow('no such binary');
  expect(restart).toHaveBeenCalledTimes(5);
});
