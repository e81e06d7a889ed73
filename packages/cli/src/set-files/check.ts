/** Reads and checks all set files before anything else happens; accepts a file whole or not at all, as ingest does. */
import { realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  checkKnownDoor,
  type KnownDoor,
  type LocalFile,
  lookAt,
  NoPlainFile,
  type OpenSetFile,
  openSetFile,
  type RunOptions,
  refuseNoFile,
  termsOf,
  type ValidSetFile,
  wholeSet,
} from '@setlist/admission';
import { type ParsedSet, type Problem, tooLarge } from '@setlist/set-file';
import type { Refusal } from './refusal.ts';
import { refusedForSameFiles } from './same-files.ts';

export interface CheckOptions {
  readonly cwd: string;
  readonly compat: boolean;
  /** Left out if only the file itself is to be checked. */
  readonly door?: KnownDoor;
  /** The run's options, which come on top of the file. */
  readonly run?: RunOptions;
  /** The command writes none of the sets' files, so that several of the sets can have the same. */
  readonly mayShare?: true;
}

/** A valid set file; its items stay in the file. */
export interface SurveyedSetFile extends Omit<ValidSetFile, 'ok'> {
  /** The path as the user wrote it. */
  readonly path: string;
  readonly fileName: string;
  readonly file: LocalFile;
}

/** A valid set file with its items. */
interface WholeSetFile extends SurveyedSetFile {
  readonly set: ParsedSet;
}

export interface Checked<S extends SurveyedSetFile = WholeSetFile> {
  readonly setFiles: readonly S[];
  readonly refusals: readonly Refusal[];
}

/** Reads and checks files in order; a problem in one doesn't keep the others from being checked. */
export const checkFiles = (paths: readonly string[], options: CheckOptions): Promise<Checked> =>
  checkAll(paths, options, async (setFile, file) => ({ ...setFile, set: await wholeSet(setFile.set, file) }));

/** As {@link checkFiles}, but without the items, so that a million of them take no memory. */
export const surveyFiles = (
  paths: readonly string[],
  options: CheckOptions,
): Promise<Checked<SurveyedSetFile>> => checkAll(paths, options, async (setFile) => setFile);

/** Completes a set file while its file is open. */
type Complete<S> = (setFile: SurveyedSetFile, file: OpenSetFile) => Promise<S>;

async function checkAll<S extends SurveyedSetFile>(
  paths: readonly string[],
  options: CheckOptions,
  complete: Complete<S>,
): Promise<Checked<S>> {
  const setFiles: S[] = [];
  const refusals: Refusal[] = [];
  for (const path of paths) {
    const outcome = await checkFile(path, options, complete);
    if ('set' in outcome) setFiles.push(outcome);
    else refusals.push(outcome);
  }
  const same = options.mayShare ? [] : await refusedForSameFiles(setFiles, options.compat);
  if (same.length === 0) return { setFiles, refusals };
  const refused = new Set(same.map(({ path }) => path));
  return { setFiles: setFiles.filter(({ path }) => !refused.has(path)), refusals: [...refusals, ...same] };
}

async function checkFile<S extends SurveyedSetFile>(
  path: string,
  { cwd, compat, door, run = {} }: CheckOptions,
  complete: Complete<S>,
): Promise<S | Refusal> {
  const file = await lookOrProblem(resolve(cwd, path));
  if ('message' in file) return { path, problems: [file], problemCount: 1, warnings: [] };
  const fileName = basename(path);
  await using open = await openSetFile(file, { fileName, compat });
  const { checked } = open;
  const { warnings } = checked;
  if (!checked.ok) return { path, problems: checked.problems, problemCount: checked.problemCount, warnings };
  const { set, survey } = checked;
  const applicant = { set, survey, terms: termsOf(set, run) };
  const atDoor = door && checkKnownDoor(applicant, door, new Date());
  if (atDoor && atDoor.problemCount > 0) return { path, ...atDoor, warnings };
  return await complete({ path, fileName, file, set, survey, warnings }, open);
}

async function lookOrProblem(path: string): Promise<LocalFile | Problem> {
  try {
    // Before opening it and before following links: what a shell passes as /dev/fd/63 has no real path.
    refuseNoFile(path, await stat(path));
    const file = await lookAt(await realpath(path));
    if (file === undefined) return unreadable('ENOENT', '');
    return file.sha256 === undefined ? tooLarge(file.bytes) : file;
  } catch (error) {
    if (error instanceof NoPlainFile) return noFile(error);
    const { code, message } = error as NodeJS.ErrnoException;
    return unreadable(code, message);
  }
}

const UNREADABLE = { line: 1, column: 1, path: '', code: 'unreadable' } as const;

const noFile = ({ what }: NoPlainFile): Problem => ({
  ...UNREADABLE,
  message: `this is ${what}, not a file`,
  remedy: 'write the set to a file, which can be read more than once, and name that file',
});

const unreadable = (code: string | undefined, message: string): Problem => ({
  ...UNREADABLE,
  ...whyUnreadable(code, message),
});

function whyUnreadable(code: string | undefined, message: string): Pick<Problem, 'message' | 'remedy'> {
  if (code === 'ENOENT') return { message: 'there is no such file', remedy: 'correct the path' };
  if (code === 'EISDIR') return { message: 'this is a folder', remedy: 'name the set files in it' };
  if (code === 'EACCES')
    return { message: 'no permission to read this file', remedy: 'grant yourself read access' };
  return { message: `the file can't be read: ${message}`, remedy: 'fix the cause that the message names' };
}
