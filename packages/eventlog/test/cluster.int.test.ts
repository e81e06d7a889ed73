/** The log on a cluster that is only just coming together. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { eventually, startCluster } from '@setlist/testkit';
import { connect, type NatsConnection } from 'nats';
import { expect, test } from 'vitest';
import { openEventLog } from '../src/index.ts';

const COPIES = 3;

test('whoever comes before the last node of a new cluster waits for it', async () => {
  await using cluster = await startCluster(COPIES, { late: 1 });
  const client = await connect({ servers: cluster.servers.split(',') });
  // 2.10 elects a leader of two nodes, which finds no place for three copies; 2.15 elects none until all have been there.
  const refusal = client.info?.version.startsWith('2.10.') ? 'no suitable peers' : /no suitable peers|503/;
  await eventually(() => expect(makeStream(client)).rejects.toThrow(refusal));
  await client.close();

  const opening = openEventLog({ servers: cluster.servers, name: 'early', replicas: COPIES });
  // It is awaited only below, and may fail before.
  opening.catch(() => undefined);
  await cluster.start('node-3');
  await using log = await opening;
  expect(await log.head()).toBe(0);
  await eventually(async () => (await cluster.currentCopiesOf(EVENTS_STREAM)) === COPIES);
});

/** Takes away again what it could make. */
async function makeStream(client: NatsConnection): Promise<void> {
  const jsm = await client.jetstreamManager();
  await jsm.streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: COPIES });
  await jsm.streams.delete('PROBE');
}
