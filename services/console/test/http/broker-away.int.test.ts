/** Requests that need the broker are refused within seconds while it is away, and served again when it is back. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { SetOf, seen, startWorld } from '../world.ts';

/** Far less than the wait without an answer. */
const IN_TIME_MS = 25_000;

it('answers 503 with Retry-After to what needs the broker, and still hands set files over', async () => {
  await using inbox = await temporaryFolder();
  await using world = await startWorld({ INBOX: inbox.path });
  const api = `${world.url}/api/v1`;
  const set = await new SetOf(world, 'waiting').accept();
  await seen<{ state?: string }>(`${api}/sets/${set.id}`, ({ state }) => state === 'running');
  const ask = (path: string, body?: string, key?: string): Promise<Response> =>
    fetch(`${api}${path}`, {
      signal: AbortSignal.timeout(IN_TIME_MS),
      ...(body !== undefined && { method: 'POST', body }),
      headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    });
  const file = JSON.stringify({ set: { name: 'handed-over' }, items: [{ text: 'One.' }] });
  await world.nats.kill9();
  const refused = await Promise.all([
    ask(`/sets/${set.id}/items`),
    ...Array.from({ length: 16 }, () => ask(`/sets/${set.id}/events`)),
    ask(`/sets/${set.id}/pause`, '{}'),
    ask(`/sets/${set.id}/pause`, '{}', 'key-1'),
    ask('/sets?fileName=a.json', file, 'key-2'),
  ]);
  for (const answer of refused) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(JSON.parse(await answer.text())).toMatchObject({ code: 'broker-unavailable' });
  }
  // Once a minute is enough, however many requests fail.
  const told = world.logged.filter((line) => JSON.parse(line).code === 'broker-unavailable');
  expect(told).toHaveLength(1);
  expect(await readdir(inbox.path).catch(() => [])).toEqual([]);
  expect((await ask('/sets?fileName=a.json', file)).status).toBe(202);
  expect(await readdir(join(inbox.path, '.placed'))).toHaveLength(1);
  expect((await ask(`/sets/${set.id}`)).status).toBe(200);
  await world.nats.restart();
  await eventually(async () => (await ask(`/sets/${set.id}/items`)).status === 200);
  // Refused writes are not carried out later.
  const { state } = JSON.parse(await (await ask(`/sets/${set.id}`)).text());
  expect(state).toBe('running');
});
