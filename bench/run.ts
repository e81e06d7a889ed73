/** Runs the benchmarks, prints their tables, and keeps the results with the machine's description. */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fairness } from './fairness.ts';
import { machine, median } from './machine.ts';
import { quota } from './quota.ts';

type Row = Readonly<Record<string, string | number>>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, items: { type: 'string' }, help: { type: 'boolean' } },
});

const BENCHMARKS: Readonly<Record<string, (items: number | undefined) => Array<() => Promise<Row>>>> = {
  quota: (items = 2_233) => [
    ...[1, 2, 4].map((dispatchers) => () => quota({ engine: 'standard', dispatchers, items })),
    ...[1, 2, 4].map(
      (dispatchers) => () => quota({ engine: 'neural', dispatchers, items: Math.min(items, 500) }),
    ),
  ],
  fairness: (items = 5_000) => [() => fairness({ items })],
};

/** The run whose value in `column` is the median: all its figures belong together. */
function middleRow(rows: readonly Row[], column: string): Row {
  const middle = median(rows.map((row) => Number(row[column])));
  const distance = (row: Row): number => Math.abs(Number(row[column]) - middle);
  return rows.reduce((nearest, row) => (distance(row) < distance(nearest) ? row : nearest));
}

const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const unknown = wanted.filter((name) => !(name in BENCHMARKS));
if (values.help || unknown.length > 0) {
  process.stdout.write(`npm run bench [-- ${Object.keys(BENCHMARKS).join(' | ')}] [--runs 3] [--items N]\n`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

for (const name of wanted) {
  const cases = BENCHMARKS[name]?.(values.items === undefined ? undefined : Number(values.items)) ?? [];
  const results: Row[] = [];
  for (const measure of cases) {
    const rows: Row[] = [];
    for (let run = 0; run < Number(values.runs); run++) rows.push(await measure());
    const row = middleRow(rows, 'overIdeal' in (rows[0] ?? {}) ? 'overIdeal' : 'ratio');
    results.push(row);
    process.stderr.write(`${name}: ${JSON.stringify(row)}\n`);
  }
  process.stdout.write(`\n${name} (median of ${values.runs})\n`);
  process.stdout.write(table(results));
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const kept = {
    benchmark: name,
    at: new Date().toISOString(),
    runs: Number(values.runs),
    machine: machine(),
    results,
  };
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(kept, null, 2)}\n`);
}

function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('  ')}\n`;
  return line(columns) + rows.map((row) => line(columns.map((column) => String(row[column] ?? '')))).join('');
}
