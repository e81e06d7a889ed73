/** The stream of one watcher on a real connection; the test stands in for the log. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { eventually } from '@setlist/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import { localCaller } from '../access/caller.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import type { Watcher } from '../watch/live-feed.ts';
import { MOST_STREAMS } from '../watch/open-streams.ts';
import { liveRoutes } from './live.ts';

/** The route for a caller whose token expires in this many ms, and whose watchers are caught up by `catchUp`. */
async function startRoute(forMs: number, catchUp = async (_: AbortSignal): Promise<void> => undefined) {
  const api = bareApi(() => ({ ...localCaller, until: Date.now() + forMs }));
  const warn = vi.fn();
  api.addHook('onRequest', async (request) => {
    request.log = Object.create(request.log, { warn: { value: warn } });
  });
  const watched: Watcher[] = [];
  let letGo = 0;
  const watch = async (watcher: Watcher, _: number | undefined, signal: AbortSignal) => {
    watched.push(watcher);
    await catchUp(signal);
    watcher.send('event: hello\ndata: {}\n\n');
    return { [Symbol.dispose]: () => void letGo++ };
  };
  liveRoutes(api, { feed: { watch } } as unknown as ConsoleDeps);
  await api.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}/live`;
  return { api, url, watched, warn, letGo: () => letGo };
}

/** A watcher whose token expires in this many ms, on a connection that reads nothing. */
async function silentWatcher(forMs: number) {
  const { api, watched, letGo } = await startRoute(forMs);
  const socket: Socket = connect((api.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /live HTTP/1.1\r\nhost: here\r\n\r\n');
  await eventually(() => expect(watched).toHaveLength(1));
  return { send: (text: string) => watched[0]?.send(text), letGo };
}

test('a watcher that reads nothing is disconnected when its token expires, and harms nobody until then', async () => {
  const { send, letGo } = await silentWatcher(500);
  // More than the kernel buffers, and less than the unread bytes at which a watcher is disconnected.
  const frame = `data: ${'x'.repeat(65_536)}\n\n`;
  for (let frames = 0; frames < 80; frames++) {
    send(frame);
    await new Promise(setImmediate);
  }
  await eventually(() => {
    // Changes keep coming: a write after the end would be an unhandled error.
    send('data: more\n\n');
    expect(letGo()).toBe(1);
  });
});

test('a watcher who leaves while catching up ends that, without a warning', async () => {
  const left = Promise.withResolvers<void>();
  const { url, watched, warn } = await startRoute(60_000, async (signal) => {
    await once(signal, 'abort');
    left.resolve();
    throw signal.reason;
  });
  const leaving = new AbortController();
  const asked = fetch(url, { signal: leaving.signal }).then((answer) => answer.text());
  await eventually(() => expect(watched).toHaveLength(1));
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await left.promise;
  await new Promise(setImmediate);
  expect(warn).not.toHaveBeenCalled();
});

test('limits a caller’s streams; another is refused until one has ended, and HEAD opens none', async () => {
  const { url, watched } = await startRoute(60_000);
  const leaving = new AbortController();
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(404);
  const open = [await fetch(url, { signal: leaving.signal })];
  while (open.length < MOST_STREAMS) open.push(await fetch(url));
  expect(new Set(open.map(({ status }) => status))).toEqual(new Set([200]));
  const refused = await fetch(url);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'too-many-streams' });
  expect(watched).toHaveLength(MOST_STREAMS);
  leaving.abort();
  await eventually(async () => (await fetch(url)).status === 200);
});
