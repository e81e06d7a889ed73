/** The flags by which `run` and `submit` ask for more than the set file says, for this run only. */
import type { Priority } from '@setlist/contracts';

export interface RunOptionFlags {
  readonly fresh?: boolean;
  readonly maxUsd?: string;
  readonly deadline?: string;
  readonly priority?: Priority;
}
