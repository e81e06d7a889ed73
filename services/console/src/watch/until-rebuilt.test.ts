/** How long summaries count as being rebuilt after the log has lost its end, without a broker. */
import type { EventLog } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { untilRebuilt } from './until-rebuilt.ts';

/** What one look finds. */
interface Found {
  /** Sequence of the log's last event; 0 if it has none. */
  readonly end: number;
  /** The tracker's position; missing once it has deleted the summaries. */
  readonly position?: number;
}

const timeOf = (seq: number): Date => new Date(1_000 * seq);

/** @returns how many looks it took until the summaries counted as rebuilt, if these are what each finds */
async function looksUntilRebuilt(...looks: readonly Found[]): Promise<number> {
  let looked = 0;
  let found: Found = { end: 0 };
  const log = {
    lastAtLeader: async () => {
      const { end = 0 } = looks[looked] ?? {};
      return end > 0 ? { seq: end } : undefined;
    },
    extent: async () => ({ archived: { upToSeq: 0 } }),
    async *read({ from }: { from: number }) {
      for (let seq = from; seq <= found.end; seq++) yield { seq, time: timeOf(seq) };
    },
    sets: {
      getAtLeader: async () => {
        found = looks[looked++] ?? found;
        const { position: lastSeq } = found;
        return lastSeq && { revision: 1, value: { lastSeq, lastAt: timeOf(lastSeq).toISOString() } };
      },
    },
  };
  expect(await untilRebuilt(log as unknown as EventLog, true, new AbortController().signal)).toBe(true);
  return looked;
}

test('summaries are rebuilt once they reach as far as the log did when it had lost its end', async () => {
  const lost = { end: 7, position: 9 };
  const deleted = { end: 7 };
  const begun = { end: 8, position: 3 };
  expect(await looksUntilRebuilt(lost, deleted, begun, { end: 9, position: 7 })).toBe(4);
});

test('a log that has lost all its events is waited for only until the summaries are deleted', async () => {
  expect(await looksUntilRebuilt({ end: 0, position: 9 }, { end: 0 })).toBe(2);
});

test('a log that loses its end again meanwhile is waited for up to where it ends then', async () => {
  expect(await looksUntilRebuilt({ end: 7 }, { end: 5, position: 3 }, { end: 5, position: 5 })).toBe(3);
});

test('a stop while the broker can’t say whether the log has lost its end is no failure; otherwise it is one', async () => {
  const stopping = new AbortController();
  const log = {
    untilEndLost: async () => {
      throw new Error('the broker has no JetStream yet');
    },
  } as unknown as EventLog;
  await expect(untilRebuilt(log, false, stopping.signal)).rejects.toThrow('no JetStream');
  const waiting = untilRebuilt(log, false, stopping.signal);
  stopping.abort();
  expect(await waiting).toBe(false);
});
