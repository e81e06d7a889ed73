/** What every step of settling an item needs at hand. */
import type { Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { SpeechProvider } from '../adapters/polly-speech.ts';
import type { SharedFiles } from '../files/shared-files.ts';
import type { SoundLedger } from '../ledger/sound-ledger.ts';
import type { Lexicons } from '../lexicons/lexicons.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { StoreLine } from './store-line.ts';

export interface SettleDeps {
  readonly log: EventLog;
  readonly ledger: SoundLedger;
  readonly logger: Logger;
  /** Where canonical audio is kept. */
  readonly store: ObjectStore;
  /** The store that a set's files land in, by its URI. */
  outputOf(uri: string): ObjectStore;
  /** Where a store is waited for that can't be used. */
  lineOf(store: ObjectStore): StoreLine;
  /** Files that several runs write. */
  readonly files: SharedFiles;
  /** Nothing where this dispatcher does not serve the provider. */
  providerOf(provider: Provider): SpeechProvider | undefined;
  /** What stands in a provider's lexicons; nothing where this dispatcher does not serve it. */
  lexiconsOf(provider: Provider): Lexicons | undefined;
  /** Asynchronous tasks of a provider; nothing without a bucket. */
  tasksOf(provider: Provider): Tasks | undefined;
  readonly limits: {
    /** How long one call may take, in ms. */
    readonly callTimeoutMs: number;
    /** How long an item’s failed tries, and the pauses after them, may take together, in ms. */
    readonly retryForMs: number;
  };
  /** Aborted when the service drains: nothing new is begun. */
  readonly draining: AbortSignal;
}
