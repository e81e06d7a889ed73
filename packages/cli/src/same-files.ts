/** Finds files that several of the named sets would write: which of them would stay is chance. */
import { DigestTable, digestOf, mayShareFiles, quote } from '@setlist/contracts';
import type { ParsedItem, Problem, SetTerms } from '@setlist/set-file';
import { type CheckedFile, itemsOf } from './sheet-items.ts';

const MOST_PROBLEMS = 1_000;

interface NamedSheet extends CheckedFile {
  /** As the user wrote it. */
  readonly path: string;
  readonly set: Pick<SetTerms, 'prefix'>;
}

interface SameFiles {
  readonly path: string;
  /** The first thousand. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/**
 * Refuses each set that would write a file of one before it. Reads again only sets whose prefixes meet, and keeps thirty
 * bytes for each of their items. The same file twice writes the same audio twice, which is let be.
 * @throws FileChanged
 */
export async function refusedForSameFiles(
  sheets: readonly NamedSheet[],
  compat: boolean,
): Promise<SameFiles[]> {
  const meeting = differing(sheets).filter((sheet, _, all) => all.some((other) => meets(sheet, other)));
  const written = new DigestTable();
  const refusals: SameFiles[] = [];
  for (const [at, sheet] of meeting.entries()) {
    const problems: Problem[] = [];
    let problemCount = 0;
    for await (const items of itemsOf(sheet, compat)) {
      for (const item of items) {
        const file = `${sheet.set.prefix}/${item.file}`;
        const holder = meeting[(written.add(digestOf(file), at + 1) ?? at + 1) - 1];
        if (holder === undefined || holder === sheet) continue;
        problemCount++;
        if (problems.length < MOST_PROBLEMS) problems.push(alsoWritten(item, file, holder));
      }
    }
    if (problemCount > 0) refusals.push({ path: sheet.path, problems, problemCount });
  }
  return refusals;
}

const meets = (one: NamedSheet, other: NamedSheet): boolean =>
  one !== other &&
  mayShareFiles({ output: '', prefix: one.set.prefix }, { output: '', prefix: other.set.prefix });

/** Without those that write what one before them writes, since they have the same bytes. */
const differing = (sheets: readonly NamedSheet[]): NamedSheet[] => {
  const bySetAndBytes = new Map<string, NamedSheet>();
  for (const sheet of sheets) {
    const key = `${sheet.file.sha256 ?? sheet.path} ${sheet.set.prefix}`;
    if (!bySetAndBytes.has(key)) bySetAndBytes.set(key, sheet);
  }
  return [...bySetAndBytes.values()];
};

const alsoWritten = ({ line, column, index }: ParsedItem, file: string, { path }: NamedSheet): Problem => ({
  line,
  column,
  path: `items[${index}]`,
  code: 'duplicate-file',
  message: `${path} writes the file ${quote(file)} too, and one would overwrite the other`,
  remedy: 'give one of the two sets another "output-prefix", or one of the items another "output-file"',
});
