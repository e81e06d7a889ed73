/** A set file on this machine, as it is opened and read, by whichever thread. */
import type { ParsedItem, ParseOptions, Problem, RefusedSetFile, SetTerms } from '@setlist/set-file';
import type { SetSurvey } from '../domain/survey.ts';

/** A file on this machine. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** Where it may be changed under our hands: what is read has to have this hash, in hex. */
  readonly sha256?: string;
}

/** What checking a file came to. */
export type CheckedSetFile =
  | {
      readonly ok: true;
      readonly set: SetTerms;
      readonly survey: SetSurvey;
      readonly warnings: readonly Problem[];
    }
  | RefusedSetFile;

/** A file that was checked, and is held until disposed of. */
export interface OpenSetFile extends AsyncDisposable {
  readonly checked: CheckedSetFile;
  /**
   * All items in the order of the file, some at a time, of a file that was accepted; again with each call, one call at a
   * time. Throws a {@link FileChanged} where the file is another one by now.
   */
  items(): AsyncIterable<readonly ParsedItem[]>;
}

/** Rejects with the signal's own reason when `signal` aborts before the file is checked. */
export type OpensSetFiles = (
  file: LocalFile,
  options: ParseOptions,
  signal?: AbortSignal,
) => Promise<OpenSetFile>;

/** Someone writes to a file while it is read: it is read again in a moment. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
  readonly code = 'file-changed';
  readonly remedy = 'Write set files elsewhere and move them into the inbox when they are complete.';
}
