/** A broker for the suite, and small events to append. */
import { type EventContext, type EventData, newEvent, type SetlistEvent } from '@setlist/contracts';
import { completedData, requestedData, startNats, type TestNats } from '@setlist/testkit';
import { afterAll, beforeAll } from 'vitest';
import { type EventLog, openEventLog } from '../src/index.ts';

const header = { name: 'a-set', location: '/out', notify: [] };
const by = (source: EventContext['source'], setId: string) => ({ source, now: new Date(), setId });

/** A broker with a log, from before the first test of the file until after the last. */
export function brokerOfSuite(): { readonly nats: TestNats; readonly log: EventLog } {
  let nats: TestNats;
  let log: EventLog;
  beforeAll(async () => {
    nats = await startNats();
    log = await openEventLog({ servers: nats.url, name: 'test' });
  });
  afterAll(async () => {
    await log[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });
  return {
    get nats() {
      return nats;
    },
    get log() {
      return log;
    },
  };
}

/** An outcome, whose subject only ever holds one event. */
export const completed = (
  setId: string,
  index: number,
  changes: Partial<EventData<'ItemCompleted'>> = {},
): SetlistEvent => newEvent('ItemCompleted', completedData({ index, ...changes }), by('dispatcher', setId));

/** A request, of which one subject holds many. */
export const requested = (setId: string, index: number): SetlistEvent =>
  newEvent('ItemRequested', requestedData({ index }), by('ingest', setId));

/** A step of a set's life. */
export const paused = (setId: string, afterSeq: number): SetlistEvent =>
  newEvent('SetPaused', { set: header, who: 'test', afterSeq }, by('tracker', setId));
