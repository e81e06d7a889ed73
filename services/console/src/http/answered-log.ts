/**
 * The log for request handlers: calls are answered within a few seconds or fail with `BrokerUnavailable`. Long-lived
 * followers of the log use the plain one, which waits for the broker.
 */
import { BrokerUnavailable, type Documents, type EventLog } from '@setlist/eventlog';
import { settlesWithin } from '@setlist/runtime';

/** Longer than one try at the broker (up to 5 s), and longer than a broker's restart. */
const ANSWERED_WITHIN_MS = 8_000;

/** What handlers may use. Nothing else of the log is passed on, so that nothing can wait for the broker without limit. */
export interface AnsweredLog
  extends Pick<
    EventLog,
    'clock' | 'last' | 'lastAtLeader' | 'first' | 'head' | 'at' | 'extent' | 'read' | 'follow' | 'ask'
  > {
  readonly sets: Pick<Documents, 'get'>;
  readonly requests: Pick<Documents, 'get' | 'replace' | 'delete'>;
}

/** @param withinMs how long a call may take; how long an answer to `ask` may take, its caller says */
export function answeredLog(log: EventLog, withinMs = ANSWERED_WITHIN_MS): AnsweredLog {
  const { clock, sets, requests } = log;
  const inTime = async <T>(answer: Promise<T>): Promise<T> => {
    if (await settlesWithin(withinMs, answer)) return await answer;
    throw silent();
  };
  const requireBroker = (): Promise<void> =>
    inTime(log.check().catch((cause) => Promise.reject(silent(cause))));
  return {
    clock,
    sets: { get: (key) => inTime(sets.get(key)) },
    requests: {
      get: (key) => inTime(requests.get(key)),
      replace: (key, value, revision) => inTime(requests.replace(key, value, revision)),
      delete: (key, revision) => inTime(requests.delete(key, revision)),
    },
    last: (subject) => inTime(log.last(subject)),
    lastAtLeader: (subject) => inTime(log.lastAtLeader(subject)),
    first: (subject, fromSeq) => inTime(log.first(subject, fromSeq)),
    head: () => inTime(log.head()),
    at: (seq) => inTime(log.at(seq)),
    extent: () => inTime(log.extent()),
    read: (selection) => eachWithin(withinMs, log.read(selection), () => Promise.reject(silent())),
    // There may be nothing new for as long as it is followed; then the broker only has to be there.
    follow: (selection, signal) => eachWithin(withinMs, log.follow(selection, signal), requireBroker),
    ask: async (subject, question, timeoutMs) => {
      // Otherwise it would be sent, and acted on, once the broker is back, long after the caller was refused.
      await requireBroker();
      return log.ask(subject, question, timeoutMs);
    },
  };
}

/**
 * One timer serves all records: a set can have a million.
 *
 * @param overdue called whenever a record has taken that long; if it throws, reading ends with its error
 */
async function* eachWithin<T>(
  ms: number,
  records: AsyncGenerator<T>,
  overdue: () => Promise<void>,
): AsyncGenerator<T> {
  let giveUp = (_: unknown): void => undefined;
  const timer = setInterval(() => overdue().catch(giveUp), ms);
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      timer.refresh();
      records.next().then(resolve, reject);
    });
  try {
    for (let record = await next(); !record.done; record = await next()) yield record.value;
  } finally {
    clearInterval(timer);
    // Not awaited: it would only settle after the pending record, which may never come.
    records.return(undefined).catch(() => undefined);
  }
}

const silent = (cause?: unknown): BrokerUnavailable =>
  new BrokerUnavailable('the broker does not answer', { cause });
