/** A broker for the suite, and small events to append. */
import { type EventData, newEvent, type SetlistEvent } from '@setlist/contracts';
import { completedData, requestedData, startNats, type TestNats } from '@setlist/testkit';
import { afterAll, beforeAll } from 'vitest';
import { type EventLog, openEventLog } from '../src/index.ts';

const header = { name: 'a-set', location: '/out', notify: [] };
const context = (setId: string) => ({ source: 'dispatcher', now: new Date(), setId }) as const;

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
): SetlistEvent => newEvent('ItemCompleted', completedData({ index, ...changes }), context(setId));

/** A request, of which one subject holds many. */
export const requested = (setId: string, index: number): SetlistEvent =>
  newEvent('ItemRequested', requestedData({ index }), context(setId));

/** A step of a set's life. */
export const paused = (setId: string, afterSeq: number): SetlistEvent =>
  newEvent('SetPaused', { set: header, who: 'test', afterSeq }, context(setId));
