/**
 * The log as requests see it: what is asked of it is answered in a few seconds, or refused with `BrokerUnavailable`.
 * Whatever follows the log for as long as it lasts waits for the broker instead.
 */
import { BrokerUnavailable, type Documents, type EventLog, type Recorded } from '@setlist/eventlog';
import { settlesWithin } from '@setlist/runtime';

/** Longer than one try at the broker may take (5 s), and than a broker takes to start again. */
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
      // Else it would be put, and acted on, when the broker is back and whoever asked has long been refused.
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
  delete: (key) => inTime(documents.delete(key)),
  keys: (filter) => inTime(documents.keys(filter)),
});

async function inTime<T>(answer: Promise<T>): Promise<T> {
  if (await settlesWithin(ANSWERED_WITHIN_MS, answer)) return await answer;
  throw silent();
}

/** One timer for all of them: a set may have a million. */
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
    // Not waited for: it comes after the record that does not come.
    records.return(undefined).catch(() => undefined);
  }
}

const silent = (cause?: unknown): BrokerUnavailable =>
  new BrokerUnavailable('the broker does not answer', { cause });
