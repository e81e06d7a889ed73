import { expect, test } from 'vitest';
import { ReleaseStack } from './release-stack.ts';

class Connection implements AsyncDisposable {
  readonly #log: string[];
  constructor(log: string[]) {
    this.#log = log;
  }
  async [Symbol.asyncDispose]() {
    this.#log.push('connection');
  }
}

test('releases in reverse order, however a resource was pushed', async () => {
  const log: string[] = [];
  const stack = new ReleaseStack();
  stack.use(new Connection(log));
  stack.use({ [Symbol.dispose]: () => void log.push('lock') });
  stack.use(null);
  stack.deferNamed('deferred', async () => void log.push('deferred'));
  await stack.disposeAsync();
  expect(log).toEqual(['deferred', 'lock', 'connection']);
  expect(stack.held).toEqual([]);
});

test('names what is still held while a release hangs', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stack = new ReleaseStack();
  stack.use(new Connection([]));
  stack.deferNamed('queue', () => promise);
  stack.deferNamed('socket', () => {});
  const disposed = stack.disposeAsync();
  await expect.poll(() => stack.held).toEqual(['queue', 'Connection']);
  resolve();
  await disposed;
  expect(stack.held).toEqual([]);
});

test('a release that fails does not prevent the others', async () => {
  const log: string[] = [];
  const stack = new ReleaseStack();
  stack.use(new Connection(log));
  stack.deferNamed('queue', () => Promise.reject(new Error('stuck')));
  await expect(stack.disposeAsync()).rejects.toThrow('stuck');
  expect(log).toEqual(['connection']);
});

test('refuses what cannot be released', () => {
  const stack = new ReleaseStack();
  expect(() => stack.use({ [Symbol.dispose]: 'no' } as unknown as Disposable)).toThrow(TypeError);
  expect(stack.held).toEqual([]);
});
