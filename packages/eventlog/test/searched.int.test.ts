/** What a waiting reader costs its broker: on a large log, each search is expensive. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_STREAM, subjects } from '@setlist/contracts';
import { eventually, startBareNats, startNats, type TestNats } from '@setlist/testkit';
import { connect, type NatsConnection } from 'nats';
import { expect, test } from 'vitest';
import { type EventLog, openEventLog } from '../src/index.ts';
import { completed, paused } from './rig.ts';

const LIVES = subjects.state('*');

test('no part of the log is searched twice, by checks of a reader or by its replacement', async () => {
  await using world = await openWorld();
  const { log, client, seen } = world;
  const asked = searchesOf(client);
  await log.append(paused('one', 1), { lastSeq: 0 });
  await eventually(() => expect(seen).toEqual(['one']));
  await log.appendAll(items('beside', 50));
  const { lastSeq } = await log.extent();
  await eventually(() => expect(asked.at(-1)).toBe(lastSeq + 1));
  const made = readersMade(client);
  await removeReaders(client);
  // With a busy broker, the same request can be repeated.
  await eventually(() => expect(new Set(made)).toEqual(new Set([lastSeq + 1])));
  await log.append(paused('two', 1), { lastSeq: 0 });
  await eventually(() => expect(seen).toEqual(['one', 'two']));
});

test('a reader of an empty log is replaced after checks, and stops when it is aborted', async () => {
  await using world = await openWorld();
  const { log, client, seen } = world;
  const asked = searchesOf(client);
  await eventually(() => expect(asked.length).toBeGreaterThan(1));
  await removeReaders(client);
  await log.append(paused('one', 1), { lastSeq: 0 });
  await eventually(() => expect(seen).toEqual(['one']));
});

test('a search is not relied on once a power cut has taken what was searched', async () => {
  await using world = await openWorld();
  const { log, client, seen, nats } = world;
  const asked = searchesOf(client);
  await log.append(paused('one', 1), { lastSeq: 0 });
  await eventually(() => expect(seen).toEqual(['one']));
  const live = join(nats.storeDir, 'jetstream/$G/streams', EVENTS_STREAM);
  const kept = join(nats.storeDir, 'kept');
  await nats.kill9();
  await cp(live, kept, { recursive: true });
  await nats.restart();
  await log.appendAll(items('lost', 50));
  const { lastSeq } = await log.extent();
  await eventually(() => expect(asked.at(-1)).toBe(lastSeq + 1));
  await nats.kill9();
  await rm(live, { recursive: true });
  await cp(kept, live, { recursive: true });
  await growElsewhere(nats, lastSeq);
  await nats.restart();
  await eventually(() => expect(seen).toEqual(['one', 'instead']));
});

const items = (setId: string, count: number) =>
  Array.from({ length: count }, (_, index) => completed(setId, index));

/** Makes the log grow past a sequence through a broker at another address, unseen by its followers. */
async function growElsewhere({ storeDir }: TestNats, past: number): Promise<void> {
  await using broker = await startBareNats(['--jetstream', '--store_dir', storeDir]);
  await using log = await openEventLog({ servers: `nats://${broker.address}`, name: 'elsewhere' });
  await log.append(paused('instead', 1), { lastSeq: 0 });
  await log.appendAll(items('grown', past));
}

interface World extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  /** Observes the requests to the broker. */
  readonly client: NatsConnection;
  /** The sets whose state events a follower has seen. */
  readonly seen: string[];
}

async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const client = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  stack.defer(() => client.close());
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    const lives = { subjects: [LIVES], from: 'last-of-each-subject' } as const;
    for await (const { event } of log.follow(lives, stop.signal)) seen.push(`${event?.setId}`);
  })();
  stack.defer(async () => {
    stop.abort();
    await following;
  });
  const held = stack.move();
  return { nats, log, client, seen, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** The sequence from which each search for the next state event of any set begins. */
function searchesOf(client: NatsConnection): number[] {
  const asked: number[] = [];
  client.subscribe(`$JS.API.*.MSG.GET.${EVENTS_STREAM}`, {
    callback: (_, message) => {
      const query = message.json<{ seq?: number; next_by_subj?: string }>();
      if (query.next_by_subj === LIVES && query.seq !== undefined) asked.push(query.seq);
    },
  });
  return asked;
}

/** The sequences at which the readers of state events made from now on begin. */
function readersMade(client: NatsConnection): number[] {
  const made: number[] = [];
  client.subscribe(`$JS.API.CONSUMER.CREATE.${EVENTS_STREAM}.*.${LIVES}`, {
    callback: (_, message) =>
      void made.push(message.json<{ config: { opt_start_seq: number } }>().config.opt_start_seq),
  });
  return made;
}

async function removeReaders(client: NatsConnection): Promise<void> {
  const { consumers } = await client.jetstreamManager();
  for await (const { name } of consumers.list(EVENTS_STREAM)) await consumers.delete(EVENTS_STREAM, name);
}
