/** What every step on a claimed file works with. */

import type { OpensSetFiles, Position } from '@setlist/admission';
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { IngestSettings } from './config.ts';

export interface DropDeps {
  readonly log: EventLog;
  /** Where set files are kept, and canonical audio, as dispatchers have it. */
  readonly store: ObjectStore;
  /** Where the sets' audio lands. */
  readonly output: ObjectStore;
  /** The inbox, if any, in which the files of a set with this prefix would land. */
  readonly inboxOf: (prefix: string) => string | undefined;
  readonly logger: Logger;
  readonly settings: IngestSettings;
  readonly open: OpensSetFiles;
  /** What is paid this month, and what open sets may still cost. */
  readonly position: () => Promise<Position>;
  /** Aborts when ingest is to end; a file broken off is gone on with at the next start. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}
