import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EVENTS_STREAM, newEvent } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { CloudEvent, HTTP } from 'cloudevents';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventTypeOf, replay } from '../src/index.ts';
import { type History, openTold, openWorld, type Told } from './world.ts';

let world: Told;
let history: History;
beforeAll(async () => {
  world = await openTold();
  ({ history } = world);
});
afterAll(() => world[Symbol.asyncDispose]());

interface Line {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly streamseq: string;
  readonly brokertime: string;
}

async function linesOf(options: Parameters<typeof replay>[1]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of replay(world.log, options)) lines.push(JSON.parse(line) as Line);
  return lines;
}

describe('a replay', () => {
  test('has every event of the log in order, each with its sequence and the broker’s time', async () => {
    const lines = await linesOf({});
    const head = await world.log.head();
    expect(lines.map(({ streamseq }) => Number(streamseq))).toEqual(
      Array.from({ length: head }, (_, n) => n + 1),
    );
    for (const { streamseq, brokertime } of lines) {
      expect(brokertime).toBe((await world.log.at(Number(streamseq)))?.time.toISOString());
    }
  });

  test('can be read from a file by the CloudEvents SDK, each event valid and as it was stored', async () => {
    const file = join(world.folder, 'events.ndjson');
    const lines = replay(world.log, {});
    await pipeline(
      Readable.from(
        (async function* () {
          for await (const line of lines) yield `${line}\n`;
        })(),
      ),
      createWriteStream(file),
    );
    const read = (await readFile(file, 'utf8')).trim().split('\n');
    expect(read).toHaveLength(await world.log.head());
    for (const body of read) {
      const event = HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body });
      if (!(event instanceof CloudEvent)) throw new Error('one document a line');
      expect(event.validate()).toBe(true);
      const stored = await world.log.at(Number(event.streamseq));
      const { streamseq, brokertime, ...rest } = JSON.parse(body) as Record<string, unknown>;
      expect(rest).toEqual(JSON.parse(Buffer.from(stored?.raw ?? []).toString()));
      expect(event.data).toEqual(rest.data);
    }
  });

  test('can be limited to a set, to types, and to a range of sequences or times', async () => {
    const of = await linesOf({ setId: history.guide.id });
    expect(of.length).toBeGreaterThan(5);
    expect(of.every(({ subject }) => subject.startsWith(history.guide.id))).toBe(true);
    const types = ['ItemCompleted', 'setlist.set.paused.v1'].map((name) => eventTypeOf(name) ?? '');
    const typed = await linesOf({ setId: history.guide.id, types });
    expect(typed.map(({ type }) => type)).toEqual([
      'setlist.item.completed.v1',
      'setlist.set.paused.v1',
      'setlist.set.paused.v1',
    ]);
    const stretch = await linesOf({ from: { seq: 5 }, to: { seq: 9 } });
    expect(stretch.map(({ streamseq }) => streamseq)).toEqual(['5', '6', '7', '8', '9']);
    const [first, last] = [await world.log.at(12), await world.log.at(30)];
    if (!first || !last) throw new Error('the log is too short');
    const times = await linesOf({ from: { time: first.time }, to: { time: last.time } });
    expect(
      times.every(
        ({ brokertime }) => new Date(brokertime) >= first.time && new Date(brokertime) <= last.time,
      ),
    ).toBe(true);
    expect(times.map(({ streamseq }) => streamseq)).toEqual(expect.arrayContaining(['12', '30']));
  });

  test('continues with new events when it follows, until it is stopped', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const from = { seq: (await world.log.head()) + 1 };
    const following = (async () => {
      for await (const line of replay(world.log, { from, follow: true }, stop.signal))
        seen.push((JSON.parse(line) as Line).id);
    })();
    const notice = history.guide.notified(`${history.guide.id}/accepted`, 'SetAccepted');
    await world.log.appendAll([notice]);
    await eventually(() => expect(seen).toEqual([notice.id]));
    stop.abort();
    await following;
  });

  test('that is to begin beyond the end of the log waits for that event', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const head = await world.log.head();
    const following = (async () => {
      for await (const line of replay(world.log, { from: { seq: head + 3 }, follow: true }, stop.signal))
        seen.push((JSON.parse(line) as Line).streamseq);
    })();
    const notices = ['mail', 'chat', 'sms', 'pager'].map(
      (channel) => `${history.guide.id}/accepted/${channel}`,
    );
    await world.log.appendAll(notices.map((cause) => history.guide.notified(cause, 'SetAccepted')));
    await eventually(() => expect(seen.map(Number)).toEqual([head + 3, head + 4]));
    stop.abort();
    await following;
  });

  test.each(['sequence', 'time'])(
    'ends on its own once its last %s has passed, even if nothing further arrives',
    async (kind) => {
      const head = await world.log.head();
      const to = kind === 'sequence' ? { seq: head } : { time: new Date(world.log.clock.now() + 50) };
      const { id } = history.guide;
      const all = await linesOf({ setId: id });
      expect(await linesOf({ setId: id, to, follow: true })).toEqual(all);
      expect(await linesOf({ from: { seq: head + 1 }, to, follow: true })).toEqual([]);
    },
  );
});

test('a slow reader costs no memory: events that it has not read stay in the broker', async () => {
  await using large = await openWorld();
  const data = { set: { name: 'x', location: '/x', notify: [] }, who: 'x'.repeat(4_000) };
  const event = (afterSeq: number) =>
    newEvent('SetPaused', { ...data, afterSeq }, { source: 'tracker', now: new Date(), setId: 'x' });
  await large.log.appendAll(Array.from({ length: 20_000 }, (_, n) => event(n)));
  const lines = replay(large.log);
  await lines.next();
  // Eighty megabytes are waiting; at most two batches of a thousand are requested.
  expect(await deliveredAtRest(large.nats.url)).toBeLessThanOrEqual(2_000);
  let rest = 0;
  for await (const _ of lines) rest++;
  expect(rest).toBe(19_999);
});

/** How much all readers together have been sent, once the number stays the same. */
async function deliveredAtRest(servers: string): Promise<number> {
  const connection = await connect({ servers });
  const { consumers } = await connection.jetstreamManager();
  let looksAtRest = 0;
  let delivered = 0;
  try {
    await eventually(async () => {
      const readers = await consumers.list(EVENTS_STREAM).next();
      const sent = readers.reduce((sum, reader) => sum + reader.delivered.consumer_seq, 0);
      looksAtRest = sent === delivered ? looksAtRest + 1 : 0;
      delivered = sent;
      return delivered > 0 && looksAtRest >= 20;
    });
    return delivered;
  } finally {
    await connection.close();
  }
}
