/** Reads of a large set for callers who leave or are slow; the test stands in for the log and the projections. */
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ItemRow, SetSummary } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import { ItemTexts } from '../watch/item-texts.ts';
import { eventRoutes } from './events.ts';
import { itemRoutes } from './items.ts';
import { setRoutes } from './sets.ts';

const ITEMS = 1_000_000;
/** More than can read at once. */
const STALLED = 5;
const RAW = Buffer.from('{"type":"another"}');
const time = new Date(0);

/** A log that yields records endlessly. */
function logOfMany(asked: { reads: number }) {
  const rows = Array.from({ length: 500 }, (_, index) => ({ index, file: 'a.mp3', state: 'requested' }));
  return {
    async *read() {
      for (let seq = 1; seq <= ITEMS; seq++) {
        asked.reads++;
        if (seq % 50 === 0) await nextTurn();
        const sound = { text: '', voice: 'Joanna', format: 'mp3' };
        const event = { name: 'ItemRequested', data: { index: seq - 1, sound } };
        yield { seq, time, raw: RAW, subject: 'setlist.events.a.requested.neural', event };
      }
    },
    head: async () => ITEMS,
    sets: {
      get: async (key: string) => {
        asked.reads++;
        await nextTurn();
        return { value: key === 'position' ? { lastSeq: ITEMS } : { items: rows as ItemRow[] } };
      },
    },
  };
}

async function startRoutes() {
  const api = bareApi();
  const asked = { reads: 0 };
  const log = logOfMany(asked);
  const counts = { total: ITEMS, requested: ITEMS };
  const summary = { setId: 'a', set: { name: 'a' }, lastSeq: 1, chain: { head: '' }, counts };
  const mirror = { get: () => summary as unknown as SetSummary };
  const texts = new ItemTexts(log as never);
  const deps = { log, mirror, texts, feed: { position: () => ITEMS } } as unknown as ConsoleDeps;
  for (const routes of [eventRoutes, itemRoutes, setRoutes]) routes(api, deps);
  await api.listen({ port: 0, host: '127.0.0.1' });
  const { port } = api.server.address() as AddressInfo;
  /** Whether reading has stopped before the end. */
  const isQuiet = async (readers = 1): Promise<boolean> => {
    const before = asked.reads;
    for (let turns = 0; turns < 100; turns++) await nextTurn();
    return asked.reads === before && before < readers * ITEMS;
  };
  return { url: `http://127.0.0.1:${port}/sets/a`, port, asked, isQuiet };
}

test.each(['/timeline', '/events?type=none', '/as-of/1000000', '/matches?text=none', '/items?text=none'])(
  '%s of a large set is read for as long as its caller waits',
  async (path) => {
    const { url, asked, isQuiet } = await startRoutes();
    const leaving = new AbortController();
    const left = fetch(url + path, { signal: leaving.signal }).then((answer) => answer.text());
    await eventually(() => asked.reads > 100);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await eventually(() => isQuiet());
  },
);

test('a timeline is read as fast as the client reads; a client that reads nothing blocks nobody', async () => {
  const { url, port, asked, isQuiet } = await startRoutes();
  for (let stalled = 0; stalled < STALLED; stalled++) {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /sets/a/timeline HTTP/1.1\r\nhost: here\r\n\r\n');
  }
  await eventually(() => asked.reads > 100);
  const [answer] = await Promise.all([fetch(`${url}/events?limit=1`), eventually(() => isQuiet(STALLED))]);
  expect(answer.status).toBe(200);
}, 90_000);
