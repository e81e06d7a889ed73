/** What every step of settling an item needs at hand. */
import type { EventData, EventOf, ItemAttempt, Provider } from '@setlist/contracts';
import type { EventLog, Work } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { SpeechProvider } from '../adapters/polly-speech.ts';
import type { SoundLedger } from '../ledger/sound-ledger.ts';
import type { TaskDesk } from '../tasks/task-desk.ts';

export interface Desk {
  readonly log: EventLog;
  readonly ledger: SoundLedger;
  readonly logger: Logger;
  /** Where canonical audio is kept. */
  readonly store: ObjectStore;
  /** The store that a set's files land in, by its URI. */
  outputOf(uri: string): ObjectStore;
  /** Nothing where this dispatcher does not serve the provider. */
  providerOf(provider: Provider): SpeechProvider | undefined;
  /** Asynchronous tasks of a provider; nothing without a bucket. */
  tasksOf(provider: Provider): TaskDesk | undefined;
  readonly limits: {
    /** How long one call may take, in ms. */
    readonly callTimeoutMs: number;
    /** How long an item is tried again, from its first try, in ms. */
    readonly retryForMs: number;
  };
  /** Aborted when the service drains: nothing new is begun. */
  readonly draining: AbortSignal;
}

/** One request on its way to its outcome. */
export interface Item {
  readonly work: Work;
  readonly request: EventData<'ItemRequested'>;
  readonly is: ItemAttempt;
  readonly output: string;
  /** Calls made for it so far by this replica. */
  tries: number;
  /** Broker's clock, ms; when its first call was made. */
  triedSince?: number;
}

export function itemOf(work: Work, output: string): Item {
  const event: EventOf<'ItemRequested'> = work.record.event;
  const { index, attempt } = event.data;
  const is = { set: event.setId ?? '', index, attempt };
  return { work, request: event.data, is, output, tries: 0 };
}
