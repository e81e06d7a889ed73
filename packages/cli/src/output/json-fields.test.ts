/** Compares the manual's tables about `--json` with what is printed. */
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { itemRowSchema, type SetSummary } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { setJson } from './set-json.ts';
import { printResultsJson } from './set-results.ts';
import { openTerminal } from './text/terminal.ts';

const manual = readFileSync(new URL('../../../../docs/json.md', import.meta.url), 'utf8');

/** The fields in the first column of the table after a sentence. */
function fieldsBelow(sentence: string): string[] {
  const [, table = ''] = manual.slice(manual.indexOf(`\n${sentence}`)).split('\n\n');
  const firsts = table.split('\n').map((row) => row.split('|')[1] ?? '');
  return firsts.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, field = '']) => field)).sort();
}

const refused = {
  setId: 'a-1',
  set: { name: 'a', location: '/out/a', notify: [] },
  state: 'rejected',
  counts: { total: 0, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0, requested: 0, awaited: 0 },
  priority: 'normal',
  round: 1,
  billedCharacters: 0,
  costUsd: '0.00',
  acceptedAt: '2026-11-22T20:50:12Z',
  endedAt: '2026-11-22T20:50:12Z',
  moved: { seq: 1, at: '2026-11-22T20:50:12Z' },
  problems: [],
  problemCount: 0,
} as unknown as SetSummary;

test('the manual names every field of a run', async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough().resume()];
  const streams = { stdout, stderr } as unknown as Pick<NodeJS.Process, 'stdout' | 'stderr'>;
  const continued = [{ summary: refused, addedUsd: '0.00' }];
  printResultsJson([], openTerminal({ ...streams, env: {} }), continued);
  stdout.end();
  const fields = Object.keys(JSON.parse(await text(stdout)) as object);
  expect(fieldsBelow('`run`, and `submit --wait`:')).toEqual(fields.sort());
});

test('the manual names every field of a status, and of its items', () => {
  const ofOneSet = ['failedNotices', 'items', 'problemCount', 'problems', 'steering'];
  const fields = [...Object.keys(setJson(refused)), ...ofOneSet].sort();
  expect(fieldsBelow('`status`, a line for each set, and `status SET`:')).toEqual(fields);
  const row = manual.split('\n').find((line) => line.startsWith('| `items` |')) ?? '';
  const named = new Set([...row.matchAll(/`(\w+)`/g)].map(([, field]) => field));
  expect(Object.keys(itemRowSchema.shape).filter((field) => !named.has(field))).toEqual([]);
});
