/** Look-ups at a node of a cluster that doesn't have the newest messages yet. */
import { subjects } from '@setlist/contracts';
import { connect, NatsError } from 'nats';
import { expect, test } from 'vitest';
import type { Connection } from '../src/connection/connection.ts';
import { documentsIn } from '../src/documents.ts';
import { atSeq, firstOn } from '../src/reading/read.ts';
import { brokerOfSuite, paused } from './rig.ts';

const broker = brokerOfSuite();

test('what a lagging node does not have is asked of the leader before it counts as missing', async () => {
  const stored = await broker.log.append(paused('late', 1), { lastSeq: 0 });
  if (stored.kind !== 'stored') throw new Error('the first append must hold');
  const nc = await connect({ servers: broker.nats.url });
  const jsm = await nc.jetstreamManager();
  const direct = { getMessage: () => Promise.reject(new NatsError('message not found', '404')) };
  const lagging = { jsm: { streams: jsm.streams, direct } } as unknown as Connection;
  expect(await firstOn(lagging, subjects.state('late'))).toMatchObject({ seq: stored.seq });
  expect(await atSeq(lagging, stored.seq)).toMatchObject({ seq: stored.seq });
  expect(await firstOn(lagging, subjects.state('late'), stored.seq + 1)).toBeUndefined();
  expect(await atSeq(lagging, stored.seq + 1)).toBeUndefined();
  await nc.close();
});

test('a document asked of the leader is the newest, and one that was deleted is made again', async () => {
  const nc = await connect({ servers: broker.nats.url });
  const kv = await nc.jetstream().views.kv('lagging', { allow_direct: true });
  const behind = { getMessage: () => Promise.reject(new NatsError('message not found', '404')) };
  const lagging = documentsIn(
    Object.assign(kv, { jsm: Object.assign(await nc.jetstreamManager(), { direct: behind }) }),
  );
  const revision = await lagging.put('a', { n: 1 });
  expect(await lagging.get('a')).toBeUndefined();
  expect(await lagging.getAtLeader('a')).toMatchObject({ value: { n: 1 }, revision });
  await lagging.delete('a');
  expect(await lagging.getAtLeader('a')).toBeUndefined();
  expect(await lagging.replace('a', { n: 2 }, 0)).toBe(revision + 2);
  await nc.close();
});
