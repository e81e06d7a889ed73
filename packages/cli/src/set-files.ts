/** Reads set files and checks them all before anything else happens: whole or not at all, as ingest will do again. */
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { formatProblem, type ParsedSet, type Problem } from '@setlist/contracts';
import { checkDoor, type Door, parseOffThread, placesIn } from '@setlist/ingest';

/** What this installation can do, as far as it is known before anything runs. */
export type KnownDoor = Pick<Door, 'provider' | 'hasTaskBucket' | 'channels'>;

export interface CheckOptions {
  readonly cwd: string;
  readonly compat: boolean;
  /** Left out where only the file itself is to be checked. */
  readonly door?: KnownDoor;
}

/** A set file that holds. */
export interface Sheet {
  /** As the user wrote it. */
  readonly path: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly set: ParsedSet;
  readonly warnings: readonly Problem[];
}

export interface Refusal {
  readonly path: string;
  /** The first thousand. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

export interface Checked {
  readonly sheets: readonly Sheet[];
  readonly refusals: readonly Refusal[];
}

/** Reads and checks files in their order; what is wrong with one doesn't keep the others from being checked. */
export async function checkFiles(paths: readonly string[], options: CheckOptions): Promise<Checked> {
  const sheets: Sheet[] = [];
  const refusals: Refusal[] = [];
  for (const path of paths) {
    const outcome = await checkFile(path, options);
    if ('set' in outcome) sheets.push(outcome);
    else refusals.push(outcome);
  }
  return { sheets, refusals };
}

async function checkFile(path: string, { cwd, compat, door }: CheckOptions): Promise<Sheet | Refusal> {
  const bytes = await readOrProblem(resolve(cwd, path));
  if (!(bytes instanceof Uint8Array)) return { path, problems: [bytes], problemCount: 1 };
  const fileName = basename(path);
  const result = await parseOffThread(bytes, { fileName, compat });
  if (!result.ok) return { path, problems: result.problems, problemCount: result.problemCount };
  const { set, warnings } = result;
  const atDoor = door && checkDoor(set, withLexicons(door, set), placesIn(new TextDecoder().decode(bytes)));
  if (atDoor && atDoor.problemCount > 0) return { path, ...atDoor };
  return { path, fileName, bytes, set, warnings };
}

/** Only a running dispatcher knows which lexicons there are: ingest asks it, and judges them. */
function withLexicons(door: KnownDoor, set: ParsedSet): Door {
  const named = new Set(set.items.flatMap(({ lexicons }) => lexicons));
  return { ...door, lexicons: new Map([...named].map((name) => [name, ''])) };
}

async function readOrProblem(path: string): Promise<Uint8Array | Problem> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { line: 1, column: 1, path: '', code: 'unreadable', ...whyUnreadable(code, message) };
  }
}

function whyUnreadable(code: string | undefined, message: string): Pick<Problem, 'message' | 'remedy'> {
  if (code === 'ENOENT') return { message: 'there is no such file', remedy: 'correct the path' };
  if (code === 'EISDIR') return { message: 'this is a folder', remedy: 'name the set files in it' };
  if (code === 'EACCES')
    return { message: 'this file may not be read', remedy: 'give yourself the right to' };
  return { message: `the file can't be read: ${message}`, remedy: 'mend what the message names' };
}

/** `file:line:column: problem (remedy)`, and how many more there are. */
export function refusalLines({ path, problems, problemCount }: Refusal): string[] {
  const left = problemCount - problems.length;
  return [
    ...problems.map((problem) => formatProblem(path, problem)),
    ...(left > 0 ? [`${path}: and ${left} more problems`] : []),
  ];
}
