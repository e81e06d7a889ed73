/** Holds the tables of docs/performance.md against bench/results; what is marked with † is kept on the page alone. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

type Row = Readonly<Record<string, number>>;
interface Case {
  readonly name: string;
  readonly result: Row;
  readonly all: readonly Row[];
}

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(resolve(root, 'docs/performance.md'), 'utf8').replaceAll('**', '');

function caseOf(benchmark: string, name: string): Case {
  const text = readFileSync(resolve(root, `bench/results/${benchmark}.json`), 'utf8');
  const found = (JSON.parse(text) as { cases: Case[] }).cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${name} in ${benchmark}.json`);
  return found;
}

/** The cells of a table's row, below a heading. */
function cells(heading: string, first: string): string[] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`));
  const row = section.split('\n').find((line) => line.startsWith(`| ${first} |`));
  return (row ?? '').split('|').map((cell) => cell.trim());
}

const sorted = (of: Case, figure: string, digits: number): string =>
  of.all
    .map((run) => run[figure] ?? Number.NaN)
    .sort((a, b) => a - b)
    .map((value) => value.toFixed(digits))
    .join(', ');

const grouped = (value: number | undefined): string => (value ?? Number.NaN).toLocaleString('en-US');

function withRange(of: Case, figure: string): string {
  const values = of.all.map((run) => run[figure] ?? Number.NaN);
  return `${grouped(of.result[figure])} (${grouped(Math.min(...values))} to ${grouped(Math.max(...values))})`;
}

it.each([
  ['standard, one path', 'standard, one path'],
  ['standard, both', 'standard, both paths'],
  ['neural, one path', 'neural, one path'],
  ['neural, both', 'neural, both paths'],
])('shows every run of the quota, %s', (row, name) => {
  const runs = [1, 2, 4].map((crew) =>
    sorted(caseOf('quota', `${name}, dispatchers: ${crew}`), 'overIdeal', 3),
  );
  expect(cells('Quota', row).slice(2, 5)).toEqual(runs);
});

it('shows the rates and ratios of the overhead', () => {
  const cases = ['10,000 items', '100,000 items'].map((name) => caseOf('overhead', name));
  const rates = cases.flatMap((one) =>
    ['setlist', 'bullmq'].map((side) => withRange(one, `itemsPerSecond.${side}`)),
  );
  expect(cells('Overhead', 'items a second').slice(2, 6)).toEqual(rates);
  const over = cells('Overhead', "over the flow's, each run");
  expect([over[2], over[4]]).toEqual(cases.map((one) => sorted(one, 'timesPeer', 2)));
});

it.each(['1,000', '10,000', '100,000'])('shows the growth to %s items', (items) => {
  const growth = caseOf('growth', `one set of ${items}`);
  const row = cells('Growth', items);
  expect(row[2]).toBe(withRange(growth, 'itemsPerSecond'));
  expect(row[3]).toBe(growth.result['cpuMsPerItem.all']?.toFixed(1));
  expect(row[4]).toBe(grouped(growth.result.logBytesPerItem));
});
