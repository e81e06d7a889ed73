/** What the checks of single events say, before it is known which set or sound it is about. */
import type { FaultCode, NoteCode } from './finding.ts';

/** What is wrong with an event: the code of the finding, and its message. */
export interface Fault {
  readonly code: FaultCode;
  readonly what: string;
}

/** What to report of an event: a fault or a note. */
export type Judgement = Fault | { readonly code: NoteCode; readonly what: string };
