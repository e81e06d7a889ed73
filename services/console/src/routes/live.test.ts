/** The stream of one watcher on a real connection; the test stands in for the log. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { eventually } from '@setlist/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import { localCaller } from '../access/caller.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import type { Watcher } from '../watch/live-feed.ts';
import { MOST_STREAMS } from '../watch/open-streams.ts';
import { liveRoutes } from './live.ts';

/** The route for a caller whose token expires in this many ms. */
async function startRoute(forMs: number) {
  const api = bareApi(() => ({ ...localCaller, until: Date.now() + forMs }));
  const watched: Watcher[] = [];
  let letGo = 0;
  const watch = async (watcher: Watcher) => {
    watched.push(watcher);
    watcher.send('event: hello\ndata: {}\n\n');
    return { [Symbol.dispose]: () => void letGo++ };
  };
  liveRoutes(api, { feed: { watch } } as unknown as ConsoleDeps);
  await api.listen({ port: 0, host: '127.0.0.1' });
  return { api, watched, letGo: () => letGo };
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

test('limits a caller’s streams; another is refused until one has ended, and HEAD opens none', async () => {
  const { api, watched } = await startRoute(60_000);
  const url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}/live`;
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
