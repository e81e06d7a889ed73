/** The types of an opened set file on this machine, whichever thread reads it. */
import type { ParsedItem, ParseOptions, Problem, RefusedSetFile, SetTerms } from '@setlist/set-file';
import type { SetSurvey } from '../domain/survey.ts';

/** A file on this machine. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in hex that the content has to have, where the file may change before it is read. */
  readonly sha256?: string;
}

/** A file without problems; its items stay in the file. */
export interface ValidSetFile {
  readonly ok: true;
  readonly set: SetTerms;
  readonly survey: SetSurvey;
  readonly warnings: readonly Problem[];
}

/** The result of checking a file. */
export type CheckedSetFile = ValidSetFile | RefusedSetFile;

/** A checked file, held open until it is disposed of. */
export interface OpenSetFile extends AsyncDisposable {
  readonly checked: CheckedSetFile;
  /**
   * All items of an accepted file in the order of the file, in batches. Each call starts over; calls must not overlap.
   * @throws FileChanged where the file has changed
   */
  items(): AsyncIterable<readonly ParsedItem[]>;
}

/** Rejects with the signal's reason when `signal` aborts before the file is checked. */
export type OpensSetFiles = (
  file: LocalFile,
  options: ParseOptions,
  signal?: AbortSignal,
) => Promise<OpenSetFile>;

/** A file was written to while it was read; the caller can retry in a moment. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
  readonly code = 'file-changed';
  readonly remedy = 'Write set files elsewhere and move them into the inbox when they are complete.';
}
