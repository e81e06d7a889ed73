import type { Recorded } from '@setlist/eventlog';
import { eventsOf, recorded } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { completedWithFailures } from '../test/set-events.ts';
import { namesFailures } from './name-failures.ts';

const ITEMS = 30;
const set = eventsOf(undefined, ITEMS);
const all = Array.from({ length: ITEMS }, (_, index) => index);
const outcomes = [
  ...all.map((index) => set.failed(index)),
  ...all.slice(0, 22).map((index) => set.completed(index, 'paid', 2)),
  set.setCompleted(2, undefined, 8),
  set.completed(29, 'paid', 3),
];
const SEQ = 53;
const log = {
  async *read() {
    for (const record of recorded(outcomes)) yield record as Recorded;
  },
};
const counts = { total: ITEMS, completed: 22, failed: 8, paid: 22, reused: 0, recovered: 0 };

test('after a retry of the listed items, a completion names the others that had failed by then', async () => {
  const event = completedWithFailures({ setId: set.id, counts, failures: [] });
  const named = await namesFailures(log)(event, { seq: SEQ });
  expect(named).toMatchObject({ data: { failures: all.slice(22).map((index) => ({ index })) } });
  const first = { ...event, data: { ...event.data, failures: [] } };
  const early = await namesFailures(log)(first, { seq: ITEMS });
  expect(early).toMatchObject({ data: { failures: all.slice(0, 20).map((index) => ({ index })) } });
});

test('the log is not read again when the event is handed out again', async () => {
  const event = completedWithFailures({ setId: set.id, counts, failures: [] });
  let reads = 0;
  const named = namesFailures({
    async *read() {
      reads++;
      if (reads === 1) throw new Error('the broker is away');
      yield* log.read();
    },
  });
  await expect(named(event, { seq: SEQ })).rejects.toThrow('away');
  const first = await named(event, { seq: SEQ });
  const before = reads;
  expect(await named(event, { seq: SEQ })).toEqual(first);
  expect(reads).toBe(before);
});

test('the texts of no more failures are read than are named', async () => {
  let texts = 0;
  const counting = {
    async *read() {
      for await (const { event, ...record } of log.read()) {
        const message = { get: () => `text ${++texts}` };
        const data = event && Object.defineProperty({ ...event.data }, 'message', message);
        yield { ...record, event: event && { ...event, data } } as Recorded;
      }
    },
  };
  const event = completedWithFailures({ setId: set.id, counts, failures: [] });
  await namesFailures(counting)(event, { seq: SEQ });
  expect(texts).toBe(counts.failed);
});

test('a completion that names all it can is left unchanged, and the log is not read', async () => {
  const unread = { read: () => expect.unreachable() };
  const few = completedWithFailures({ setId: set.id });
  const event = { ...few, data: { ...few.data, counts: { ...few.data.counts, failed: 2 } } };
  expect(await namesFailures(unread)(event, { seq: SEQ })).toBe(event);
});
