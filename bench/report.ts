/** Results as people read them, and as a file that the next measurement can be held against. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { Row } from './benchmark.ts';
import { type machine, median } from './machine.ts';

/** Wider than this, a table is turned: a line for each figure, a column for each case. */
const WIDEST = 120;

/** The run whose value of `figure` is nearest to the median: all its figures belong together. */
export function middleRun(rows: readonly Row[], figure: string): Row {
  const middle = median(rows.map((row) => Number(row[figure])));
  const distance = (row: Row): number => Math.abs(Number(row[figure]) - middle);
  return rows.reduce((nearest, row) => (distance(row) < distance(nearest) ? row : nearest));
}

export function table(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (row: Row, name: string): string => String(row[name] ?? '');
  const upright = aligned([names, ...rows.map((row) => names.map((name) => cell(row, name)))]);
  if (upright.indexOf('\n') <= WIDEST) return upright;
  return aligned(names.map((name) => [name, ...rows.map((row) => cell(row, name))]));
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = (line: readonly string[]): string =>
    line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  return lines.map((line) => `${text(line)}\n`).join('');
}

/** Writes `results/<name>.json`. */
export async function keepResults(
  name: string,
  { runs, results, all }: { runs: number; results: readonly Row[]; all: readonly (readonly Row[])[] },
  measuredOn: Awaited<ReturnType<typeof machine>>,
): Promise<void> {
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const kept = { benchmark: name, at: new Date().toISOString(), runs, machine: measuredOn, results, all };
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(kept, null, 2)}\n`);
}
