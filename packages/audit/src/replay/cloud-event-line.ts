/** An event of the log as a line that any CloudEvents SDK reads, with its place in the log as extension attributes. */
import type { Recorded } from '@setlist/eventlog';

/**
 * Extension attributes of a replayed event: lower-case letters and digits only, as CloudEvents 1.0 asks. The sequence
 * is text, since CloudEvents' integers end at 2,147,483,647 and a log need not.
 */
interface ReplayExtensions {
  /** Its sequence in the log. */
  readonly streamseq: string;
  /** When the broker stored it, in ISO 8601. */
  readonly brokertime: string;
}

/**
 * The event as it was stored, never lifted, on one line without its end. Nothing where the message is no CloudEvents
 * document: what a line of events can't hold is for `audit verify` to tell.
 */
export function cloudEventLine({ seq, time, raw, problem }: Recorded): string | undefined {
  if (problem?.code === 'not-json' || problem?.code === 'not-cloudevents') return undefined;
  const stored = JSON.parse(Buffer.from(raw).toString()) as Record<string, unknown>;
  const extensions: ReplayExtensions = { streamseq: String(seq), brokertime: time.toISOString() };
  return JSON.stringify({ ...stored, ...extensions });
}
