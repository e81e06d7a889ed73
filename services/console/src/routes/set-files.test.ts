/** Checks and plans for callers who leave; the test stands in for the log. */
import { sleep } from '@setlist/runtime';
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { bareApi } from '../../test/bare-api.ts';
import type { ConsoleDeps } from '../http/deps.ts';
import { takeUploads } from '../set-files/upload.ts';
import { setFileRoutes } from './set-files.ts';

const ITEMS = 4_000;
/** Each plan makes about 60 of these, one after the other. */
const LOOK_UP_MS = 25;
const LARGE = `set: {name: large}\nitems:\n${Array.from({ length: ITEMS }, (_, n) => `  - text: Line ${n}.\n`).join('')}`;
const SMALL = 'set: {name: small}\nitems:\n  - text: One.\n';

/** Routes on a log in which nothing is paid for; counts the look-ups. */
async function startRoutes() {
  const api = bareApi();
  const asked = { lookUps: 0 };
  const last = async (): Promise<undefined> => {
    asked.lookUps++;
    await sleep(LOOK_UP_MS);
  };
  const log = { clock: { now: () => Date.now() }, last, async *read() {} };
  const settings = { PROVIDER: 'local', NOTIFY_CHANNELS: [] };
  takeUploads(api, 10_000_000);
  setFileRoutes(api, { settings, log } as unknown as ConsoleDeps);
  const url = await api.listen({ port: 0, host: '127.0.0.1' });
  const send = (path: string, body: string, signal?: AbortSignal): Promise<Response> =>
    fetch(`${url}${path}?fileName=a.yml`, { method: 'POST', body, ...(signal && { signal }) });
  return { send, asked };
}

test('a plan ends when its caller leaves, even while it waits for its turn, and the next is served', async () => {
  const { send, asked } = await startRoutes();
  const leaving = new AbortController();
  const plans = Array.from({ length: 4 }, () => send('/plan', LARGE, leaving.signal).catch(() => 'left'));
  await eventually(() => asked.lookUps > 0);
  leaving.abort();
  expect(await Promise.all(plans)).toEqual(['left', 'left', 'left', 'left']);
  const answer = await send('/validate', SMALL);
  expect(await answer.json()).toMatchObject({ ok: true, items: 1 });
  // The two in progress would otherwise have looked up all their items first.
  expect(asked.lookUps).toBeLessThan(ITEMS);
});
