import { setImmediate as nextTurn } from 'node:timers/promises';
import { subjects } from '@setlist/contracts';
import { describe, expect, test } from 'vitest';
import { openEventLog } from '../src/index.ts';
import { brokerOfSuite, completed, paused, requested } from './rig.ts';

const broker = brokerOfSuite();

describe('appending', () => {
  test('stores one outcome for an attempt when several race for it', async () => {
    await using second = await openEventLog({ servers: broker.nats.url, name: 'second' });
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => [
        broker.log.append(completed('racing', index, { how: 'paid' }), { lastSeq: 0 }),
        second.append(completed('racing', index, { how: 'reused' }), { lastSeq: 0 }),
      ]).flat(),
    );
    expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
    let stored = 0;
    for await (const _ of broker.log.read({ subjects: [subjects.ofSet('racing')] })) stored++;
    expect(stored).toBe(100);
  });

  test('reports a repeat of the same event as stored, and another event as a conflict', async () => {
    const first = paused('repeated', 0);
    const stored = await broker.log.append(first, { lastSeq: 0 });
    expect(await broker.log.append(first, { lastSeq: 0 })).toEqual({ ...stored, already: true });
    const other = await broker.log.append(paused('repeated', 7), { lastSeq: 0 });
    expect(other).toMatchObject({ kind: 'conflict', last: { event: { id: first.id } } });
  });

  test('writes nothing once its signal has aborted', async () => {
    const late = broker.log.append(paused('too-late', 0), { lastSeq: 0 }, AbortSignal.abort());
    await expect(late).rejects.toThrow('aborted');
    expect(await broker.log.lastAtLeader(subjects.state('too-late'))).toBeUndefined();
  });

  test('keeps the order of many events, and drops those that are sent twice', async () => {
    const events = Array.from({ length: 1_000 }, (_, index) => requested('many', index));
    const { count, last } = await broker.log.appendAll(events);
    expect(count).toBe(1_000);
    expect(await broker.log.at(last?.seq ?? 0)).toMatchObject({ event: { id: events[999]?.id } });
    await broker.log.appendAll(events.slice(500));
    const seen: number[] = [];
    for await (const { event } of broker.log.read({ subjects: [subjects.ofSet('many')] })) {
      if (event?.name === 'ItemRequested') seen.push(event.data.index);
    }
    expect(seen).toEqual(events.map((_, index) => index));
  });

  test('lets other work go on between a few of many events', async () => {
    let taken = 0;
    const events = function* () {
      for (; taken < 2_000; taken++) yield requested('in-turns', taken);
    };
    const perTurn: number[] = [];
    let before = 0;
    const appending = broker.log.appendAll(events());
    while (taken < 2_000) {
      await nextTurn();
      perTurn.push(taken - before);
      before = taken;
    }
    await appending;
    expect(Math.max(...perTurn), 'no more than two batches').toBeLessThanOrEqual(2 * 64);
  });

  test('continues when the broker is killed and restarted', async () => {
    const appending = Promise.all(
      Array.from({ length: 2_000 }, (_, index) =>
        broker.log.append(completed('killed', index), { lastSeq: 0 }),
      ),
    );
    await broker.nats.kill9();
    await broker.nats.restart();
    const results = await appending;
    expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
    const seen = new Set<number>();
    let stored = 0;
    for await (const { event } of broker.log.read({ subjects: [subjects.ofSet('killed')] })) {
      stored++;
      if (event?.name === 'ItemCompleted') seen.add(event.data.index);
    }
    expect([stored, seen.size]).toEqual([2_000, 2_000]);
  });
});

describe('looking things up', () => {
  test('finds the first and the last message on a subject, and nothing on an empty one', async () => {
    const first = await broker.log.append(paused('looked-up', 1), { lastSeq: 0 });
    if (first.kind !== 'stored') throw new Error('the first append must hold');
    await broker.log.append(paused('looked-up', 2), { lastSeq: first.seq });
    const subject = subjects.state('looked-up');
    expect((await broker.log.first(subject))?.event).toMatchObject({ data: { afterSeq: 1 } });
    expect((await broker.log.last(subject))?.event).toMatchObject({ data: { afterSeq: 2 } });
    expect(await broker.log.last(subjects.state('nobody'))).toBeUndefined();
    expect(await broker.log.first(subjects.state('nobody'))).toBeUndefined();
  });

  test('reads nothing, and ends, when nothing matches', async () => {
    const seen: unknown[] = [];
    for await (const record of broker.log.read({ subjects: [subjects.ofSet('nobody')] })) seen.push(record);
    expect(seen).toEqual([]);
  });
});
