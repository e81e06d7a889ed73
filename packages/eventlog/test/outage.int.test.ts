/** What the log of a service says of a broker that takes no writes, and that everything is written once it does. */
import { createLogger } from '@setlist/runtime';
import { canMount, eventually, natsVersion, smallDisk, startNats, type TestNats } from '@setlist/testkit';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { type EventLog, openEventLog } from '../src/index.ts';
import { completed } from './rig.ts';

const mountable = await canMount();

interface Line {
  readonly level: string;
  readonly event: string;
}

async function openedOn({ url }: TestNats): Promise<{ log: EventLog; said: Line[] }> {
  const said: Line[] = [];
  const destination = { write: (line: string) => void said.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'test', level: 'info', pretty: false, destination });
  const log = await openEventLog({ servers: url, name: 'test', logger });
  return { log, said };
}

test('a lost broker is logged once, with what to do, and once more when it is back', async () => {
  await using nats = await startNats();
  const { log, said } = await openedOn(nats);
  await using _ = log;
  await nats.kill9();
  const appended = [0, 1, 2].map((index) => log.append(completed('lost', index), { lastSeq: 0 }));
  await eventually(() => said.length > 0);
  const { message, remedy } = log.trouble() ?? {};
  expect(message).toBe('the broker does not answer');
  expect(said).toMatchObject([{ level: 'warn', event: 'broker-trouble', remedy, err: { message } }]);
  await nats.restart();
  for (const each of appended) expect(await each).toMatchObject({ kind: 'stored' });
  await eventually(() => said.length > 1);
  expect(said.map(({ event }) => event)).toEqual(['broker-trouble', 'broker-back']);
  expect(log.trouble()).toBeUndefined();
});

test.skipIf(!mountable)(
  'a full disk of the broker is logged once, in the broker’s own words if it has any',
  async () => {
    await using disk = await smallDisk('24m');
    await using nats = await startNats({ inFolder: disk.path });
    const { log, said } = await openedOn(nats);
    await using _ = log;
    await disk.fill();
    let isOver = false;
    const write = async (): Promise<void> => {
      for (let index = 0; !isOver; index++) await log.append(completed('full', index), { lastSeq: 0 });
    };
    const writing = write();
    await eventually(() => said.length > 0);
    // 2.15 leaves such a write unanswered.
    const isToldWhy = (await natsVersion()).startsWith('2.10.');
    const message = isToldWhy
      ? /^the broker takes no writes: \w/
      : /^the broker (takes no writes: \w|does not answer$)/;
    expect(said).toMatchObject([
      { event: 'broker-trouble', err: { message: expect.stringMatching(message) } },
    ]);
    await expect(log.check()).resolves.toBeUndefined();
    await disk.makeRoom();
    await nats.kill9();
    await nats.restart();
    isOver = true;
    await writing;
    await eventually(() => said.length > 1);
    expect(said.map(({ event }) => event)).toEqual(['broker-trouble', 'broker-back']);
  },
);

test.skipIf(!mountable)(
  'a log that takes more of its disk than is free is still written after a restart',
  async () => {
    await using disk = await smallDisk('24m');
    await using nats = await startNats({ inFolder: disk.path });
    const client = await connect({ servers: nats.url });
    await (await client.jetstreamManager()).streams.add({ name: 'LARGE', subjects: ['large'] });
    const halfMegabyte = new Uint8Array(500_000);
    for (let sent = 0; sent < 28; sent++) await client.jetstream().publish('large', halfMegabyte);
    await client.close();
    await nats.restart();
    await using log = await openEventLog({ servers: nats.url, name: 'test' });
    expect(await log.append(completed('late', 0), { lastSeq: 0 })).toMatchObject({ kind: 'stored' });
  },
);
