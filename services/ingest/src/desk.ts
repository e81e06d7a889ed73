/** What every step on a claimed file works with. */
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { ParseSetFile } from './adapters/parse-off-thread.ts';
import type { IngestSettings } from './config.ts';

export interface Desk {
  readonly log: EventLog;
  /** Where set files are kept. */
  readonly store: ObjectStore;
  /** Where the sets' audio lands. */
  readonly output: ObjectStore;
  readonly logger: Logger;
  readonly settings: IngestSettings;
  readonly parse: ParseSetFile;
  /** Aborts when ingest is to end; a file broken off is gone on with at the next start. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}
