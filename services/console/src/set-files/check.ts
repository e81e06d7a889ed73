/** Checks uploaded set files as ingest will: the file itself, and what this installation can do. */
import {
  COMPAT_HINT,
  checkKnownDoor,
  doorOf,
  type OpenSetFile,
  openSetFile,
  type RunOptions,
  type RunTerms,
  termsOf,
  type ValidSetFile,
} from '@setlist/admission';
import { Slots } from '@setlist/runtime';
import type { RefusedSetFile } from '@setlist/set-file';
import type { Caller } from '../access/caller.ts';
import type { ConsoleSettings } from '../config.ts';
import { refusalFor } from '../domain/set-file-problem.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Upload } from './upload.ts';

/** A file that this installation can do, held open. */
export interface Holds extends ValidSetFile {
  /** The terms of this run: the file's, overridden by the options. */
  readonly terms: RunTerms;
  readonly file: OpenSetFile;
}

export interface CheckTerms {
  readonly fileName: string;
  readonly options: RunOptions;
  readonly settings: ConsoleSettings;
  /** The broker's clock. */
  readonly now: Date;
  /** Ends the waiting and the check with its reason. */
  readonly signal?: AbortSignal;
}

/** Files open at the same time, for any purpose: each has its own thread. */
const slots = new Slots(2);

/** Keeps its slot and thread until disposed. */
export type Checked = (RefusedSetFile | Holds) & AsyncDisposable;

export async function checkUpload(upload: Upload, check: CheckTerms): Promise<Checked> {
  const { fileName, options, settings, now, signal } = check;
  await using stack = new AsyncDisposableStack();
  stack.use(await slots.take(signal));
  const reading = { fileName, compat: settings.COMPAT, compatHint: COMPAT_HINT };
  const file = stack.use(await openSetFile(upload, reading, signal));
  const held = stack.move();
  const release = { [Symbol.asyncDispose]: () => held.disposeAsync() };
  const { checked } = file;
  if (!checked.ok) return { ...checked, ...release };
  const { set, survey, warnings } = checked;
  const terms = termsOf(set, options);
  const atDoor = checkKnownDoor({ set, survey, terms }, doorOf(settings), now);
  if (atDoor.problemCount > 0) return { ok: false, ...atDoor, warnings, ...release };
  return { ok: true, set, survey, warnings, terms, file, ...release };
}

/** Throws an {@link HttpProblem} with every problem, or one that denies the caller the set's name or folder. */
export function mustHold(checked: Checked, fileName: string, caller: Caller): Holds {
  if (!checked.ok) throw setFileRefused(fileName, checked, caller);
  const { name, prefix } = checked.set;
  if (!caller.maySee(name)) throw nameNotAllowed(name);
  if (!beginsWithTheirs(prefix, caller)) throw prefixNotAllowed(prefix);
  return checked;
}

/**
 * Whether the folder, or one that contains it, has the name of a set that the caller can see. A set's files are in a
 * folder of the set's name by default, so the files of other sets stay out of reach, except those of sets named below
 * one of the caller's (`airport/night` below `airport`).
 */
function beginsWithTheirs(prefix: string, caller: Caller): boolean {
  const parts = prefix.split('/');
  return parts.some((_, last) => caller.maySee(parts.slice(0, last + 1).join('/')));
}

const nameNotAllowed = (name: string): HttpProblem =>
  new HttpProblem(403, {
    code: 'name-not-allowed',
    detail: `the token does not allow sets named ${JSON.stringify(name)}`,
    remedy: 'Choose a name that it allows, or ask whoever issues your tokens.',
  });

const prefixNotAllowed = (prefix: string): HttpProblem =>
  new HttpProblem(403, {
    code: 'prefix-not-allowed',
    detail: `the output-prefix ${JSON.stringify(prefix)} does not begin with a set name that the token allows`,
    remedy: 'Begin it with a name that the token allows, or leave it out to use the set’s own name.',
  });

export function setFileRefused(
  fileName: string,
  refused: Pick<RefusedSetFile, 'problems' | 'problemCount'>,
  caller: Caller,
): HttpProblem {
  const { problems, problemCount } = refusalFor(caller, refused);
  const [first] = problems;
  const place = first ? ` at line ${first.line}, column ${first.column}: ${first.message}` : '';
  return new HttpProblem(422, {
    code: 'set-file-refused',
    detail: `${fileName} has ${problemCount === 1 ? 'a problem' : `${problemCount} problems, the first`}${place}`,
    remedy: 'Fix what `problems` lists, then send it again.',
    more: { problems, problemCount },
  });
}
