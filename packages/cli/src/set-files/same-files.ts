/** Finds files that several of the named sets would write: which of them would stay is chance. */
import { DigestTable, digestOf, foldersOf, foldObjectKey, quote } from '@setlist/contracts';
import type { ParsedItem, Problem, SetTerms } from '@setlist/set-file';
import { itemsOf, type NamedFile } from './items.ts';
import type { Refusal } from './refusal.ts';

const MOST_PROBLEMS = 1_000;

interface NamedSetFile extends NamedFile {
  /** As the user wrote it. */
  readonly path: string;
  readonly set: Pick<SetTerms, 'prefix'>;
  readonly warnings: readonly Problem[];
}

/**
 * Refuses each set that would write a file of one before it, or a file that can't be beside it, as within one set file.
 * Reads again only sets whose prefixes meet, and keeps some sixty bytes for each of their items and thirty for each
 * folder. The same file twice writes the same audio twice, which is allowed.
 * @throws FileChanged
 */
export async function refusedForSameFiles(
  setFiles: readonly NamedSetFile[],
  compat: boolean,
): Promise<Refusal[]> {
  const meeting = thoseThatMeet(differing(setFiles));
  const names = new NamesTogether(compat);
  const refusals: Refusal[] = [];
  for (const [at, setFile] of meeting.entries()) {
    const { path, warnings } = setFile;
    const problems: Problem[] = [];
    let problemCount = 0;
    for await (const items of itemsOf(setFile, compat)) {
      for (const item of items) {
        const file = `${setFile.set.prefix}/${item.file}`;
        const clash = names.add(file, at + 1);
        const other = clash && meeting[clash.number - 1];
        if (clash === undefined || other === undefined) continue;
        problemCount++;
        if (problems.length < MOST_PROBLEMS) problems.push(problemOf(item, file, clash, other));
      }
    }
    if (problemCount > 0) refusals.push({ path, problems, problemCount, warnings });
  }
  return refusals;
}

/** Sets whose prefix is that of another, or a folder above or below it: only they can write the same files. */
function thoseThatMeet(setFiles: readonly NamedSetFile[]): NamedSetFile[] {
  const sharers = new Map<string, number>();
  const above = new Set<string>();
  const folded = setFiles.map((setFile) => ({ setFile, prefix: foldObjectKey(setFile.set.prefix) }));
  for (const { prefix } of folded) {
    sharers.set(prefix, (sharers.get(prefix) ?? 0) + 1);
    for (const folder of foldersOf(prefix)) above.add(folder);
  }
  const meets = (prefix: string): boolean =>
    (sharers.get(prefix) ?? 0) > 1 ||
    above.has(prefix) ||
    foldersOf(prefix).some((folder) => sharers.has(folder));
  return folded.filter(({ prefix }) => meets(prefix)).map(({ setFile }) => setFile);
}

type Code = 'duplicate-file' | 'similar-file' | 'file-is-folder';

interface Clash {
  readonly code: Code;
  /** Of the set that has the other name. */
  readonly number: number;
}

/** The names of the files of all sets so far, each with the number of the first set that has it. */
class NamesTogether {
  readonly #compat: boolean;
  readonly #written = new DigestTable();
  /** In this table and the next, names that some file systems can't tell apart are one name. */
  readonly #folded = new DigestTable();
  readonly #folders = new DigestTable();

  constructor(compat: boolean) {
    this.#compat = compat;
  }

  /** @returns why the file can't be beside one of an earlier set */
  add(file: string, number: number): Clash | undefined {
    const earlier = (code: Code, holder: number | undefined): Clash | undefined =>
      holder === undefined || holder === number ? undefined : { code, number: holder };
    const name = foldObjectKey(file);
    const digest = digestOf(name);
    const folders = foldersOf(name).map(digestOf);
    const same = earlier('duplicate-file', this.#written.add(digestOf(file), number));
    const similar = earlier('similar-file', this.#folded.add(digest, number));
    for (const folder of folders) this.#folders.add(folder, number);
    if (same) return same;
    // Case-sensitive stores can hold both.
    if (similar) return this.#compat ? undefined : similar;
    const clashes = [this.#folders.get(digest), ...folders.map((folder) => this.#folded.get(folder))];
    return clashes.map((holder) => earlier('file-is-folder', holder)).find((clash) => clash !== undefined);
  }
}

/** Without those that write what one before them writes, since they have the same bytes. */
const differing = (setFiles: readonly NamedSetFile[]): NamedSetFile[] => {
  const bySetAndBytes = new Map<string, NamedSetFile>();
  for (const setFile of setFiles) {
    const key = `${setFile.file.sha256 ?? setFile.path} ${setFile.set.prefix}`;
    if (!bySetAndBytes.has(key)) bySetAndBytes.set(key, setFile);
  }
  return [...bySetAndBytes.values()];
};

const REMEDY = 'give one of the two sets another "output-prefix", or one of the items another "output-file"';

const WORDS: Readonly<Record<Code, (file: string, other: string) => Pick<Problem, 'message' | 'remedy'>>> = {
  'duplicate-file': (file, other) => ({
    message: `${other} writes the file ${file} too, and one would overwrite the other`,
    remedy: REMEDY,
  }),
  'similar-file': (file, other) => ({
    message: `${file} differs from a file of ${other} only in case or in how accents are encoded, which macOS and Windows take for the same file`,
    remedy: `${REMEDY}; or accept it with --compat`,
  }),
  'file-is-folder': (file, other) => ({
    message: `${file} and a file of ${other} can't both exist: one is the other's folder`,
    remedy: REMEDY,
  }),
};

const problemOf = (
  { line, column, index }: ParsedItem,
  file: string,
  { code }: Clash,
  { path }: NamedSetFile,
): Problem => ({ line, column, path: `items[${index}]`, code, ...WORDS[code](quote(file), path) });
