/** The CSV as a spreadsheet reads it: nothing from a set file may run there as a formula. */
import { readFileSync } from 'node:fs';
import type { ManifestItem } from '@setlist/contracts';
import { eventsOf, recorded } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../test/manifest-of.ts';
import { manifestCsv } from './manifest-csv.ts';

const set = eventsOf();
const [completed, failed] =
  manifestOf(
    recorded([
      set.accepted(),
      set.requested(0),
      set.requested(1),
      set.completed(0),
      set.failed(1),
      set.cancelled(),
    ]),
  )?.items ?? [];

const csv = async (items: readonly (ManifestItem | undefined)[]): Promise<string> =>
  (await Array.fromAsync(manifestCsv(items.flatMap((item) => item ?? [])))).join('');

/** The rows, parsed by RFC 4180. */
function rows(text: string): string[][] {
  const found: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    found.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') found.push([]);
  }
  return found.filter((row) => row.length > 1);
}

describe('the CSV of a manifest', () => {
  it('has the columns that the manual lists, in that order', async () => {
    const manual = readFileSync(new URL('../../../../docs/manifest.md', import.meta.url), 'utf8');
    const [, table = ''] = manual.split('| column | in the JSON |\n|---|---|\n');
    const [lines = ''] = table.split('\n\n');
    const named = lines.split('\n').flatMap((line) => line.split('|')[1]?.match(/\w+/g) ?? []);
    expect(rows(await csv([]))[0]?.join()).toBe(`\uFEFF${named.join()}`);
  });

  it('has a header and a row for each item, and a byte order mark so that Excel reads it as UTF-8', async () => {
    const text = await csv([completed, failed]);
    expect(text.startsWith('\uFEFFitem,text,file,')).toBe(true);
    const [names = [], one = [], other = []] = rows(text.slice(1));
    const cell = (row: readonly string[], name: string): string | undefined => row[names.indexOf(name)];
    expect(cell(one, 'text')).toBe('Phrase 0');
    expect(cell(one, 'duration_seconds')).toBe('1.2');
    expect(cell(one, 'how')).toBe('paid');
    expect(cell(one, 'error')).toBe('');
    expect(cell(other, 'error')).toBe('Polly refused the SSML.');
    expect(cell(other, 'bytes')).toBe('');
    expect([one, other].map(({ length }) => length)).toEqual([names.length, names.length]);
  });

  it.each([
    ['=HYPERLINK("http://example.com","here")', '\'=HYPERLINK("http://example.com","here")'],
    ['+1+1', "'+1+1"],
    ['-2', "'-2"],
    ['@SUM(1)', "'@SUM(1)"],
    ['\t=1', "'\t'=1"],
    ['\r=1', "'\r'=1"],
    ['\n=1', "'\n'=1"],
    ['\tone', "'\tone"],
    ['＝1', "'＝1"],
    ['one;=1', "one;'=1"],
    ['one;"=1";@2', 'one;"\'=1";\'@2'],
    ['one\t+1', "one\t'+1"],
    ['one\r\n=1', "one\r\n'=1"],
  ])('makes sure that %j stays text, whatever separates the cells', async (text, kept) => {
    const item = completed && { ...completed, text };
    expect(rows((await csv([item])).slice(1))[1]?.[1]).toBe(kept);
  });

  it.each([
    'a, "b"',
    'one\ntwo',
    'one\rtwo',
    'one\r\ntwo',
    'naïve 🎧',
    ' leads',
    'one; - two',
    'a-b',
    'a\tb',
  ])('keeps %j as it is', async (text) => {
    const item = completed && { ...completed, text };
    expect(rows((await csv([item, completed])).slice(1)).map((row) => row[1])).toEqual([
      'text',
      text,
      'Phrase 0',
    ]);
  });

  it('writes all items of more than one batch', async () => {
    const items = Array.from({ length: 1_203 }, (_, index) => completed && { ...completed, index });
    expect(
      rows((await csv(items)).slice(1))
        .slice(1)
        .map(([index]) => Number(index)),
    ).toEqual(items.map((_, index) => index));
  });
});
