/** The log on a cluster that is still forming, or of which one node lags behind the others, and a log that is moved there and back. */
import { EVENTS_STREAM, PERMITS_STREAM, subjects } from '@setlist/contracts';
import { eventually, startCluster, startNats } from '@setlist/testkit';
import { connect, type NatsConnection } from 'nats';
import { expect, test } from 'vitest';
import { type EventLog, openEventLog, openMaintenance } from '../src/index.ts';
import { completed, requested } from './rig.ts';

const COPIES = 3;
const EVENTS = 15_000;
/** Two nodes of 2.10 elect after 5 or 10 s, unless one of them does not hear the other. */
const TWO_ELECT_WITHIN_MS = 13_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than a service waits by default: a node that the others do not hear has to be restarted first. */
const PLACED_WITHIN_MS = 60_000;

test('a service that starts before the last node of a new cluster waits for it, or ends and says so, if two nodes elect a leader', async () => {
  await using cluster = await startCluster({ late: 1 });
  const client = await connect({ servers: cluster.servers.split(',') });
  const refuses = (why: RegExp) => () => expect(makeStream(client)).rejects.toThrow(why);
  // With two nodes, 2.10 mostly elects a leader, which can't place three copies; 2.15, and 2.10 at times, elects none
  // until all nodes have joined.
  const hasLeader = await eventually(refuses(/no suitable peers/), { deadlineMs: TWO_ELECT_WITHIN_MS }).then(
    () => true,
    () => refuses(/no suitable peers|503/)().then(() => false),
  );
  await client.close();

  const open = (readyTimeoutMs: number): Promise<EventLog> =>
    openEventLog({ servers: cluster.servers, name: 'early', replicas: COPIES, readyTimeoutMs });
  if (hasLeader) await expect(open(500)).rejects.toThrow('the cluster has too few nodes');
  const opening = open(PLACED_WITHIN_MS);
  // It is awaited only below, and can fail before.
  opening.catch(() => undefined);
  await cluster.start('node-3');
  await using log = await opening;
  expect(await log.head()).toBe(0);
  await eventually(async () => (await cluster.currentCopiesOf(EVENTS_STREAM)) === COPIES);
});

test('while a node catches up with the others, every read begins at its start and reaches the head, which the leader knows', async () => {
  await using cluster = await startCluster();
  await using log = await openEventLog({ servers: cluster.servers, name: 'reader', replicas: COPIES });
  await eventually(async () => (await cluster.currentCopiesOf(EVENTS_STREAM)) === COPIES);
  const leader = await cluster.leaderOf(EVENTS_STREAM);
  const late = ['node-1', 'node-2'].find((node) => node !== leader) ?? '';
  cluster.freeze(late);
  await log.appendAll(Array.from({ length: EVENTS }, (_, index) => requested('late', index)));
  cluster.thaw(late);
  const wanted = Array.from({ length: 5 }, (_, index) => EVENTS - 4 + index);
  for (let round = 0; round < 10; round++) {
    const lasts = await Promise.all(
      Array.from({ length: 40 }, () => log.lastAtLeader(subjects.ofSet('late'))),
    );
    expect(new Set(lasts.map((last) => last?.seq))).toEqual(new Set([EVENTS]));
    const reads = await Promise.all(Array.from({ length: 40 }, () => seqsFrom(log, EVENTS - 4)));
    for (const seqs of reads) expect(seqs).toEqual(wanted);
  }
});

test('a log is restored to a cluster with the copies asked for, and to a single broker with one; what it lacks gets as many', async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'single' });
  await log.appendAll([completed('tour', 0), completed('tour', 1)]);
  await log.openLane({ setId: 'tour', lane: 'neural' }, { fromSeq: 1, ackWaitMs: 5_000, maxUnfinished: 5 });
  await using cluster = await startCluster();
  // It waits until all nodes are there, and makes the empty log that the restored one replaces.
  await using early = await openEventLog({ servers: cluster.servers, name: 'early', replicas: COPIES });
  await using other = await startNats();
  const unasked = moved(nats.url, cluster.servers);
  await expect(unasked).rejects.toMatchObject({ remedy: expect.stringContaining('NATS_REPLICAS') });
  expect(await moved(nats.url, cluster.servers, COPIES)).toBe(COPIES);
  expect(await remadeBy(cluster.servers, PERMITS_STREAM)).toBe(COPIES);
  await eventually(async () => (await cluster.currentCopiesOf(EVENTS_STREAM)) === COPIES);
  // A consumer has a leader of its own, without which its state is in no snapshot.
  await eventually(async () => (await early.existingLanes()).length === 1);
  expect(await moved(cluster.servers, other.url, 2)).toBe(1);
  await using back = await openEventLog({ servers: other.url, name: 'single' });
  expect(await back.at(2)).toEqual(await log.at(2));
  expect(await back.existingLanes()).toMatchObject([{ setId: 'tour', lane: 'neural' }]);
});

/** Restores a snapshot of one broker's log to another. @returns how many copies it has there */
async function moved(from: string, to: string, replicas?: number): Promise<number> {
  await using source = await openMaintenance({ servers: from, name: 'backup' });
  await using target = await openMaintenance({ servers: to, name: 'restore', replicas });
  const { head, chunks } = await source.snapshot(EVENTS_STREAM);
  await target.restore(head, chunks);
  return await target.copiesOf(EVENTS_STREAM);
}

/** Deletes a stream, which the next client creates again. @returns how many copies it then has */
async function remadeBy(servers: string, stream: string): Promise<number> {
  const client = await connect({ servers: servers.split(',') });
  const jsm = await client.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS });
  await jsm.streams.delete(stream);
  await client.close();
  await using _ = await openEventLog({ servers, name: 'next' });
  await using maintenance = await openMaintenance({ servers, name: 'looks' });
  return await maintenance.copiesOf(stream);
}

async function seqsFrom(log: EventLog, from: number): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of log.read({ subjects: [subjects.ofSet('late')], from })) seqs.push(seq);
  return seqs;
}

/** Makes a stream, and deletes it again. */
async function makeStream(client: NatsConnection): Promise<void> {
  const jsm = await client.jetstreamManager();
  await jsm.streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: COPIES });
  await jsm.streams.delete('PROBE');
}
