/** Results as tables for people, and as a file to compare the next measurement with. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Row } from './benchmark.ts';
import type { machine } from './machine.ts';
import { median } from './statistics.ts';

/** A table wider than this is transposed: a line for each figure, a column for each case. */
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

export interface MeasuredCase {
  readonly name: string;
  readonly runs: number;
  /** The middle run. */
  readonly result: Row;
  readonly all: readonly Row[];
  readonly machine: Awaited<ReturnType<typeof machine>>;
}

/** Writes one case into `results/<benchmark>.json`, replacing its earlier result. */
export async function keepCase(benchmark: string, measured: MeasuredCase): Promise<void> {
  const folder = new URL('results/', import.meta.url);
  const path = new URL(`${benchmark}.json`, folder);
  await mkdir(folder, { recursive: true });
  const { cases = [] } = existsSync(path)
    ? (JSON.parse(await readFile(path, 'utf8')) as { cases?: { name: string }[] })
    : {};
  const at = cases.findIndex(({ name }) => name === measured.name);
  const kept = { at: new Date().toISOString(), ...measured };
  cases.splice(at < 0 ? cases.length : at, 1, kept);
  await writeFile(path, `${JSON.stringify({ benchmark, cases }, null, 2)}\n`);
}
