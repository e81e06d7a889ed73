/** What every step on a claimed file needs. */

import type { OpensSetFiles, Position } from '@setlist/admission';
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { IngestSettings } from '../config.ts';
import type { PriorityGate } from './priority-gate.ts';

export interface DropDeps {
  readonly log: EventLog;
  /** Where set files and canonical audio are kept; the dispatchers' store too. */
  readonly store: ObjectStore;
  /** Where the sets' audio lands. */
  readonly output: ObjectStore;
  /** The inbox, if any, in which the files of a set with this prefix would land. */
  readonly inboxOf: (prefix: string) => string | undefined;
  readonly logger: Logger;
  readonly settings: IngestSettings;
  readonly open: OpensSetFiles;
  /** Holds up the requests of accepted sets while a file is on its way to its acceptance. */
  readonly gate: PriorityGate;
  /** What has been paid this month, and what open sets may still cost. */
  readonly position: () => Promise<Position>;
  /** Aborts when ingest is to end; the next start continues with an interrupted file. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}
