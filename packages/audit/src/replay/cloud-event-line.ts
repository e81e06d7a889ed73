/** An event of the log as a line for any CloudEvents SDK, with its place in the log as extension attributes. */
import type { Recorded } from '@setlist/eventlog';

/**
 * Extension attributes of a replayed event. CloudEvents 1.0 allows only lower-case letters and digits in their names,
 * and integers up to 2,147,483,647: the sequence of a log can exceed that, so it is text.
 */
interface ReplayExtensions {
  /** Its sequence in the log. */
  readonly streamseq: string;
  /** When the broker stored it, in ISO 8601. */
  readonly brokertime: string;
}

/**
 * The event as it was stored, never lifted to a newer version, on one line without a line feed. `undefined` where the
 * message is not a CloudEvents document: `audit verify` reports those.
 */
export function cloudEventLine({ seq, time, raw, problem }: Recorded): string | undefined {
  if (problem?.code === 'not-json' || problem?.code === 'not-cloudevents') return undefined;
  const stored = JSON.parse(Buffer.from(raw).toString()) as Record<string, unknown>;
  const extensions: ReplayExtensions = { streamseq: String(seq), brokertime: time.toISOString() };
  return JSON.stringify({ ...stored, ...extensions });
}
