/** What the steps of settling an item depend on. */
import type { Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { SpeechProvider } from '../adapters/polly-speech.ts';
import type { SharedFiles } from '../files/shared-files.ts';
import type { SoundLedger } from '../ledger/sound-ledger.ts';
import type { Lexicons } from '../lexicons/lexicons.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { FailedItems } from './failed-items.ts';
import type { StoreLine } from './store-line.ts';

export interface SettleDeps {
  readonly log: EventLog;
  readonly ledger: SoundLedger;
  readonly logger: Logger;
  /** Logs the items that failed. */
  readonly failedItems: FailedItems;
  /** The canonical store. */
  readonly store: ObjectStore;
  /** The store that a set's files go to, by its URI. */
  outputOf(uri: string): ObjectStore;
  /** The line of work that waits for the store while it can't be used. */
  lineOf(store: ObjectStore): StoreLine;
  /** Files that several runs write. */
  readonly files: SharedFiles;
  /** Whether this dispatcher serves the provider: sets of any other are left to other dispatchers. */
  serves(provider: Provider): boolean;
  /** Throws if this dispatcher does not serve the provider. */
  providerOf(provider: Provider): SpeechProvider;
  /** The contents of a provider's lexicons. Throws if this dispatcher does not serve the provider. */
  lexiconsOf(provider: Provider): Lexicons;
  /** The asynchronous tasks of a provider; undefined without a bucket. */
  tasksOf(provider: Provider): Tasks | undefined;
  readonly limits: {
    /** How long one call may take, in ms. */
    readonly callTimeoutMs: number;
    /** How long an item’s failed tries and the pauses after them may take in total, in ms. */
    readonly retryForMs: number;
  };
  /** Aborted when the service drains: nothing new is started. */
  readonly draining: AbortSignal;
}
