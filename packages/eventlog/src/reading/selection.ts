/** Which part of the log to read, and the consumer configuration for it. */
import { type ConsumerConfig, DeliverPolicy } from 'nats';

export interface Selection {
  /** Subjects to read, with wildcards; the whole log if none is given. */
  readonly subjects?: readonly string[];
  /**
   * The first sequence to read; or a moment by the broker's clock, from which on to read; or each subject's last
   * message and then all that follows. The whole log unless given.
   */
  readonly from?: number | Date | 'last-of-each-subject';
}

export function startOf(selection: Selection): Partial<ConsumerConfig> {
  if (selection.from === 'last-of-each-subject') return { deliver_policy: DeliverPolicy.LastPerSubject };
  if (selection.from instanceof Date)
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: selection.from.toISOString() };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: selection.from ?? 1 };
}

/** A single subject is not given as a list: nats-server 2.10 reads by a list, even of one, a hundred times slower. */
export function filterOf({ subjects = [] }: Selection): Partial<ConsumerConfig> {
  const [only, ...others] = subjects;
  if (only === undefined) return {};
  return others.length === 0 ? { filter_subject: only } : { filter_subjects: [...subjects] };
}
