/**
 * Checks tables of docs/performance.md against bench/results: CPU time, quota, rates of the overhead, rerun, latency,
 * fairness and growth; and README's summary of the quota. The page's other rows and tables, and figures marked with †,
 * are not checked.
 */
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

function casesOf(benchmark: string): Case[] {
  const text = readFileSync(resolve(root, `bench/results/${benchmark}.json`), 'utf8');
  return (JSON.parse(text) as { cases: Case[] }).cases;
}

function caseOf(benchmark: string, name: string): Case {
  const found = casesOf(benchmark).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${name} in ${benchmark}.json`);
  return found;
}

/** The cells of a row in the table below a heading. */
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

/** Rounds half up, as people do. */
const grouped = (value: number | undefined, digits = 0): string =>
  (value ?? Number.NaN).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

function span(of: Case, figure: string, digits = 0): string {
  const values = of.all.map((run) => run[figure] ?? Number.NaN);
  return `${grouped(Math.min(...values), digits)} to ${grouped(Math.max(...values), digits)}`;
}

function withRange(of: Case, figure: string): string {
  return `${grouped(of.result[figure])} (${span(of, figure)})`;
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

it('README gives the range of the quota’s middle runs', () => {
  const middle = casesOf('quota').map(({ result }) => result.overIdeal ?? Number.NaN);
  const range = [Math.min(...middle), Math.max(...middle)].map((ratio) => grouped(ratio, 2)).join(' to ');
  expect(readFileSync(resolve(root, 'README.md'), 'utf8')).toContain(`: ${range} times the ideal time`);
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

it.each([
  ['1,000', 'one set of 1,000'],
  ['10,000', 'one set of 10,000'],
  ['100,000', 'one set of 100,000'],
  ['1,000,000', 'one set of 1,000,000'],
  ['1,000 sets of 100', '1000 sets of 100'],
])('shows the growth to %s', (first, name) => {
  const growth = caseOf('growth', name);
  const row = cells('Growth', first);
  expect(row[2]).toBe(withRange(growth, 'itemsPerSecond'));
  expect(row[3]).toBe(growth.result['cpuMsPerItem.all']?.toFixed(1));
  expect(row[4]).toBe(grouped(growth.result.logBytesPerItem));
});

it.each([
  ['10,000 items', '10,000 items', 'setlist'],
  ['10,000, no call', '10,000 items', 'setlist.noCall'],
  ['100,000 items', '100,000 items', 'setlist'],
  ['100,000, no call', '100,000 items', 'setlist.noCall'],
])('shows the time on the CPU for an item, %s', (row, name, kind) => {
  const { result } = caseOf('overhead', name);
  const parts = ['dispatcher', 'ingest', 'broker', 'engine', 'tracker', 'notifier', 'all'];
  const figures = parts.map((part) => result[`${kind}.cpuMsPerItem.${part}`]);
  expect(cells('Where the time goes, and what limits it', row).slice(2, 9)).toEqual(
    figures.map((ms) => (ms === 0 ? '–' : grouped(ms, 2))),
  );
});

const OTHERS = 'Rerun, latency, fairness, folding';

it('shows the rerun', () => {
  const rerun = caseOf('rerun', '100,000 items');
  const { result, all } = rerun;
  const each = (figure: string, times = 1): string =>
    all
      .map((run) => (run[figure] ?? Number.NaN) * times)
      .sort((a, b) => a - b)
      .map((value) => grouped(value))
      .join(', ');
  const rates = cells(OTHERS, 'rerun: an unchanged set of 100,000, items a second; 0 characters');
  expect(rates.slice(2, 4)).toEqual([grouped(result.itemsPerSecond), each('itemsPerSecond')]);
  const allowed = all.map((run) => Math.round((run.brokerAllowsItemsPerSecond ?? Number.NaN) / 100) * 100);
  const range = `${grouped(Math.min(...allowed))} to ${grouped(Math.max(...allowed))} a second`;
  const shares = cells(OTHERS, `… of what the broker allows, two writes an item (${range})`);
  expect(shares.slice(2, 4)).toEqual([
    `${grouped((result.shareOfBroker ?? Number.NaN) * 100)} %`,
    `${each('shareOfBroker', 100)} %`,
  ]);
  const cpu = cells(OTHERS, '… time on the CPU for an item, ms: dispatcher, tracker, broker, ingest');
  const parts = ['dispatcher', 'tracker', 'broker', 'ingest'];
  expect(cpu.slice(2, 4)).toEqual([
    parts.map((part) => grouped(result[`cpuMsPerItem.${part}`], 2)).join(', '),
    `all: ${span(rerun, 'cpuMsPerItem.all', 2)}`,
  ]);
});

it('shows the latency', () => {
  const both = ['instant', 'espeak'].map((name) => caseOf('latency', name));
  const rows = [
    'latency: file moved into the folder to first audio, instant engine, 50 sets',
    '… the engine that speaks',
  ];
  expect(rows.map((row) => cells(OTHERS, row).slice(2, 4))).toEqual(
    both.map((one) => [
      `${grouped(one.result.firstAudioMs)} ms, p95 ${grouped(one.result.firstAudioP95Ms)}`,
      span(one, 'firstAudioMs'),
    ]),
  );
  const over = cells(OTHERS, "… over the engine's own time, instant and speaking");
  expect(over.slice(2, 4)).toEqual([
    `${both.map(({ result }) => grouped(result.overEngineMs)).join(', ')} ms`,
    both.map((one) => span(one, 'overEngineMs')).join(', '),
  ]);
});

it('shows the fairness', () => {
  const behind = caseOf('fairness', 'behind 100,000 items');
  const { ratio, aloneSeconds, behindSeconds } = behind.result;
  const row = cells(OTHERS, 'fairness: five items behind 100,000 at 80 a second, over the same alone');
  expect(row.slice(2, 4)).toEqual([
    `${grouped(ratio, 2)} (${grouped(aloneSeconds, 2)} s, ${grouped(behindSeconds, 2)} s)`,
    sorted(behind, 'ratio', 2),
  ]);
});
