/** Two outages in a row, of which the second takes what was stored since the first. */
import { encodeEvent, type SetlistEvent } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { NatsError } from 'nats';
import { expect, test } from 'vitest';
import { paused } from '../../test/rig.ts';
import type { Connection } from '../connection/connection.ts';
import { ExpectedEnd, known, type StoredEvent, untilEndLost } from './known-end.ts';

const stored = (seq: number): StoredEvent => ({ seq, event: paused('a-20261122t205012-k3f9q2', seq) });

/** A broker with a few events, whose client connects and is disconnected at will. */
function broker() {
  const log = new Map<number, SetlistEvent>();
  const nc = { info: undefined as object | undefined, isClosed: () => false };
  let looks = 0;
  const streams = {
    async getMessage(_: string, { seq }: { seq: number }) {
      looks++;
      await eventually(() => nc.info !== undefined);
      const event = log.get(seq);
      if (!event) throw new NatsError('no message found', '404');
      return { data: encodeEvent(event) };
    },
    info: async () => ({ config: { metadata: {} } }),
  };
  return {
    connection: { nc, jsm: { streams } } as unknown as Connection,
    connect(client_id: number) {
      nc.info = { server_id: 'N', client_id };
    },
    disconnect() {
      nc.info = undefined;
    },
    store: ({ seq, event }: StoredEvent) => void log.set(seq, event),
    lose: (seq: number) => void log.delete(seq),
    looks: () => looks,
  };
}

test('what is stored after an outage, in which the end was asked for, is missed after the next one', async () => {
  const { connection, connect, disconnect, store, lose, looks } = broker();
  store(stored(1));
  const end = new ExpectedEnd(connection, stored(1));
  const asked = [end.confirmed(), end.confirmed()];
  connect(1);
  expect(await Promise.all(asked)).toEqual(['N 1', 'N 1']);
  expect(looks(), 'one while connecting, one in the session').toBe(2);
  store(stored(2));
  end.moved(stored(2), 'N 1');
  disconnect();
  const again = expect(end.confirmed()).rejects.toMatchObject({ code: 'log-end-lost' });
  lose(2);
  connect(2);
  await again;
});

test('what is stored before the end was looked for in a new session is missed after the next outage', async () => {
  const { connection, connect, disconnect, store, lose, looks } = broker();
  connect(1);
  const lost = untilEndLost(connection, new AbortController().signal);
  known(connection, stored(1));
  store(stored(1));
  connect(2);
  store(stored(2));
  known(connection, stored(2));
  await eventually(() => looks() > 0);
  disconnect();
  lose(2);
  connect(3);
  store(stored(3));
  known(connection, stored(3));
  expect(await lost).toBe(true);
});
