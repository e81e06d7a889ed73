/** Which part of the log to read, and how a consumer is told. */
import { type ConsumerConfig, DeliverPolicy } from 'nats';

export interface Selection {
  /** Subjects to read, with wildcards; all of the log where none is given. */
  readonly subjects?: readonly string[];
  /**
   * First sequence to read, or what was stored at a moment (the broker's clock) and later; or each subject's last
   * message and then what follows; or only what is new.
   */
  readonly from?: number | Date | 'last-of-each-subject' | 'now';
}

export function startOf(selection: Selection): Partial<ConsumerConfig> {
  if (selection.from === 'now') return { deliver_policy: DeliverPolicy.New };
  if (selection.from === 'last-of-each-subject') return { deliver_policy: DeliverPolicy.LastPerSubject };
  if (selection.from instanceof Date)
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: selection.from.toISOString() };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: selection.from ?? 1 };
}

/** One subject as itself: 2.10 reads a list of filters, even of one, a hundred times slower. */
export function filterOf({ subjects = [] }: Selection): Partial<ConsumerConfig> {
  const [only, ...others] = subjects;
  if (only === undefined) return {};
  return others.length === 0 ? { filter_subject: only } : { filter_subjects: [...subjects] };
}
