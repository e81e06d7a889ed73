import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { EVENTS_STREAM, subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { connect } from 'nats';
import { describe, expect, test } from 'vitest';
import { BrokerUnavailable, type EventLog, openEventLog } from '../src/index.ts';
import { brokerOfSuite, completed, paused } from './rig.ts';

const broker = brokerOfSuite();

describe('following the log', () => {
  test('sees everything once and in order, although the broker is killed twice', async () => {
    await using followed = follow('followed');
    const { seen } = followed;
    let next = 0;
    const say = async (count: number): Promise<void> => {
      for (const end = next + count; next < end; next++)
        await broker.log.append(completed('followed', next), { lastSeq: 0 });
    };
    await say(300);
    await broker.nats.kill9();
    await broker.nats.restart();
    await say(300);
    await broker.nats.kill9();
    await broker.nats.restart();
    await say(300);
    await eventually(() => expect(seen).toHaveLength(900));
    expect(seen).toEqual(Array.from({ length: 900 }, (_, index) => index));
  });

  test('misses nothing if its connection is cut in the middle of a delivery', async () => {
    const indexes = Array.from({ length: 6_000 }, (_, index) => index);
    await broker.log.appendAll(indexes.map((index) => completed('cut', index)));
    await using way = await wayTo(broker.nats.url);
    await using log = await openEventLog({ servers: way.url, name: 'cut' });
    await using followed = follow('cut', {
      log,
      onSeen: (index) => {
        if (index % 2_000 === 500) way.cut();
      },
    });
    await eventually(() => expect(followed.seen.at(-1)).toBe(indexes.at(-1)));
    expect(followed.seen).toEqual(indexes);
  });

  test('a stuck reader is replaced where it was, even if its broker still answers it', async () => {
    await using followed = follow('still');
    const { seen } = followed;
    await broker.log.append(completed('still', 0), { lastSeq: 0 });
    await eventually(() => expect(seen).toEqual([0]));
    // From here on the broker answers its pulls but delivers nothing, as after the death of a cluster's leader.
    await turnReadersAway(broker.nats.url);
    for (const index of [1, 2]) await broker.log.append(completed('still', index), { lastSeq: 0 });
    await eventually(() => expect(seen).toEqual([0, 1, 2]));
  });

  test('begins with the last message on each subject, then continues with new ones', async () => {
    const first = await broker.log.append(paused('one', 1), { lastSeq: 0 });
    if (first.kind !== 'stored') throw new Error('the first append must hold');
    await broker.log.append(paused('one', 2), { lastSeq: first.seq });
    await broker.log.append(paused('two', 3), { lastSeq: 0 });
    const stop = new AbortController();
    const seen: unknown[] = [];
    const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
    const following = (async () => {
      for await (const { event } of broker.log.follow(lives, stop.signal)) {
        if (event?.name === 'SetPaused') seen.push([event.setId, event.data.afterSeq]);
      }
    })();
    await eventually(() => expect(seen).toHaveLength(2));
    await broker.log.append(paused('three', 4), { lastSeq: 0 });
    await eventually(() => expect(seen).toHaveLength(3));
    expect(seen).toEqual([
      ['one', 2],
      ['two', 3],
      ['three', 4],
    ]);
    stop.abort();
    await following;
  });

  test('a read of the last messages has every subject, although they get newer ones meanwhile', async () => {
    const sets = Array.from({ length: 50 }, (_, index) => `each-${index}`);
    await broker.log.appendAll(sets.map((set) => paused(set, 0)));
    await using writer = await openEventLog({ servers: broker.nats.url, name: 'writer' });
    let isReading = true;
    const writing = (async () => {
      for (let event = 1; isReading; event++)
        await writer.appendAll([paused(sets[event % sets.length] ?? '', event)]);
    })();
    for (let read = 0; read < 50; read++) {
      const seen = new Set<string>();
      const lives = { subjects: sets.map(subjects.state), from: 'last-of-each-subject' } as const;
      for await (const { subject } of broker.log.read(lives)) seen.add(subject);
      expect(seen.size).toBe(sets.length);
    }
    isReading = false;
    await writing;
  });

  test('a read to the head fails if its connection is closed, so that a part is not taken for the whole', async () => {
    await broker.log.appendAll(Array.from({ length: 5_000 }, (_, index) => completed('whole', index)));
    const reader = await openEventLog({ servers: broker.nats.url, name: 'reader' });
    const read = async (): Promise<void> => {
      for await (const _ of reader.read({ subjects: [subjects.ofSet('whole')] })) {
        await reader[Symbol.asyncDispose]();
      }
    };
    await expect(read()).rejects.toThrow(BrokerUnavailable);
  });

  test.each([
    [
      'reader of the log',
      (signal: AbortSignal) => broker.log.follow({ subjects: [subjects.ofSet('quiet')] }, signal),
    ],
    [
      'watch on documents',
      (signal: AbortSignal) => broker.log.sets.watch('quiet', signal)[Symbol.asyncIterator](),
    ],
  ])('a %s that is aborted while it opens ends', async (_, open) => {
    const stop = new AbortController();
    const next = open(stop.signal).next();
    stop.abort();
    expect(await next).toMatchObject({ done: true });
  });
});

/** Follows a set's completed items, by their indexes, until it is disposed of. */
function follow(
  setId: string,
  { log = broker.log, onSeen }: { log?: EventLog; onSeen?: (index: number) => void } = {},
): AsyncDisposable & { readonly seen: number[] } {
  const stop = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const { event } of log.follow({ subjects: [subjects.ofSet(setId)] }, stop.signal)) {
      if (event?.name !== 'ItemCompleted') continue;
      seen.push(event.data.index);
      onSeen?.(event.data.index);
    }
  })();
  return {
    seen,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

/** A way to the broker on which connections can be cut: what it has sent and has not arrived is lost. */
async function wayTo(url: string): Promise<AsyncDisposable & { readonly url: string; cut(): void }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    const far = connectTo(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
    },
  };
}

/** Makes every reader of the log wait for a subject without messages. */
async function turnReadersAway(server: string): Promise<void> {
  const client = await connect({ servers: server });
  const { consumers } = await client.jetstreamManager();
  for await (const { name } of consumers.list(EVENTS_STREAM))
    await consumers.update(EVENTS_STREAM, name, { filter_subject: subjects.ofSet('nobody') });
  await client.close();
}
