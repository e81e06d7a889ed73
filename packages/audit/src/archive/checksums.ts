/** Checksums of a folder's files, in the format of `sha256sum -c`. */
import { createReadStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { sha256OfPieces } from '@setlist/storage';
import { FILES } from './layout.ts';

/** SHA-256 of a file, in hex; the file is streamed. */
export const sha256OfFile = (path: string): Promise<string> => sha256OfPieces(createReadStream(path));

/** Paths of all files below a folder, with forward slashes, in order. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

export async function writeChecksums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const file of await filesIn(folder))
    lines.push(`${await sha256OfFile(join(folder, file))}  ${file}\n`);
  await writeFile(join(folder, FILES.checksums), lines.join(''));
}

/** The files that don't match the folder's checksums, with a message for each. */
export async function wrongChecksums(folder: string): Promise<{ file: string; what: string }[]> {
  const text = await readFile(join(folder, FILES.checksums), 'utf8').catch(() => undefined);
  if (text === undefined) return [{ file: FILES.checksums, what: 'the archive has no checksums' }];
  const expected = new Map(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  );
  const wrong: { file: string; what: string }[] = [];
  const files = (await filesIn(folder)).filter((file) => file !== FILES.checksums);
  for (const file of files) {
    const sum = expected.get(file);
    expected.delete(file);
    if (sum === undefined) wrong.push({ file, what: `${file} has no checksum` });
    else if ((await sha256OfFile(join(folder, file))) !== sum)
      wrong.push({ file, what: `${file} doesn't match its checksum` });
  }
  for (const file of expected.keys()) wrong.push({ file, what: `${file} is missing` });
  return wrong;
}
