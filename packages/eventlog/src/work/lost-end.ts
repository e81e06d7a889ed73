/** A power cut can take the end of the log, and leave what the broker remembers of its consumers. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { type Connection, isNothingThere, untilAnswered } from '../connection/connection.ts';
import type { Recorded } from '../reading/read.ts';

/** Whether a sequence that was in the log is beyond its end, by the stream's leader. */
export async function isAheadOfLog({ jsm }: Connection, seq: number, signal?: AbortSignal): Promise<boolean> {
  const { state } = await untilAnswered(() => jsm.streams.info(EVENTS_STREAM), signal);
  return seq > state.last_seq;
}

/** Whether the log has another record in this one's place: it has lost its end and grown again. */
export async function isOfLostEnd(
  { jsm }: Connection,
  { seq, time }: Recorded,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const there = await untilAnswered(() => jsm.streams.getMessage(EVENTS_STREAM, { seq }), signal);
    return there.time.getTime() !== time.getTime();
  } catch (error) {
    if (!isNothingThere(error)) throw error;
    return false;
  }
}
