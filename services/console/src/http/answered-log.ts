/**
 * The log for request handlers: calls are answered within a few seconds or fail with `BrokerUnavailable`. Long-lived
 * followers of the log use the plain one, which waits for the broker.
 */
import { BrokerUnavailable, type Documents, type EventLog, type Recorded } from '@setlist/eventlog';
import { settlesWithin } from '@setlist/runtime';

/** Longer than one try at the broker (up to 5 s), and longer than a broker's restart. */
const ANSWERED_WITHIN_MS = 8_000;

export function answeredLog(log: EventLog): EventLog {
  return {
    ...log,
    sets: answeredDocuments(log.sets),
    requests: answeredDocuments(log.requests),
    last: (subject) => inTime(log.last(subject)),
    first: (subject, fromSeq) => inTime(log.first(subject, fromSeq)),
    head: () => inTime(log.head()),
    at: (seq) => inTime(log.at(seq)),
    extent: () => inTime(log.extent()),
    read: (selection) => readInTime(log.read(selection)),
    ask: async (subject, question, timeoutMs) => {
      // Otherwise it would be sent, and acted on, once the broker is back, long after the caller was refused.
      await inTime(log.check().catch((cause) => Promise.reject(silent(cause))));
      return log.ask(subject, question, timeoutMs);
    },
  };
}

const answeredDocuments = (documents: Documents): Documents => ({
  ...documents,
  get: (key) => inTime(documents.get(key)),
  replace: (key, value, revision) => inTime(documents.replace(key, value, revision)),
  put: (key, value) => inTime(documents.put(key, value)),
  delete: (key, revision) => inTime(documents.delete(key, revision)),
  keys: (filter) => inTime(documents.keys(filter)),
});

async function inTime<T>(answer: Promise<T>): Promise<T> {
  if (await settlesWithin(ANSWERED_WITHIN_MS, answer)) return await answer;
  throw silent();
}

/** One timer serves all records: a set can have a million. */
async function* readInTime(records: AsyncGenerator<Recorded>): AsyncGenerator<Recorded> {
  let giveUp = (_: Error): void => undefined;
  const timer = setTimeout(() => giveUp(silent()), ANSWERED_WITHIN_MS);
  const next = (): Promise<IteratorResult<Recorded>> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      timer.refresh();
      records.next().then(resolve, reject);
    });
  try {
    for (let record = await next(); !record.done; record = await next()) yield record.value;
  } finally {
    clearTimeout(timer);
    // Not awaited: it would only settle after the pending record, which may never come.
    records.return(undefined).catch(() => undefined);
  }
}

const silent = (cause?: unknown): BrokerUnavailable =>
  new BrokerUnavailable('the broker does not answer', { cause });
