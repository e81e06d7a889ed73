/** A refusal fits into an event and reads well. */
import type { Problem } from '@setlist/set-file';
import { describe, expect, it } from 'vitest';
import { fitProblems, isOfEarlierRun, reportJson, reportText } from './refusal.ts';

const problem = (line: number, text = 'wrong'): Problem => ({
  line,
  column: 3,
  path: `items[${line}]`,
  code: 'bad',
  message: text,
  remedy: 'fix it',
});
const many = (count: number, text?: string) =>
  Array.from({ length: count }, (_, index) => problem(index + 1, text));

describe('a refusal', () => {
  it('lists a thousand problems at most', () => {
    expect(fitProblems(many(1_200))).toHaveLength(1_000);
  });

  it('stays far below a megabyte, whatever the problems quote', () => {
    const fitting = fitProblems(many(1_000, '\u0001'.repeat(5_000)));
    expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThan(910_000);
    expect(fitting.length).toBeGreaterThan(300);
  });

  it('never cuts a character in two', () => {
    const [cut] = fitProblems([problem(1, `${'x'.repeat(399)}🐋`)]);
    expect(cut?.message.isWellFormed()).toBe(true);
  });

  it('has a report that is recognized as one on an earlier drop, unlike any other text', () => {
    const refused = { run: '20260105t090001-k3f9q2', name: 'a', problemCount: 1, problems: [problem(4)] };
    const report = reportJson('a.yml', 'a-1', refused);
    expect(isOfEarlierRun(report, '20260105t090002-aaaaaa')).toBe(true);
    for (const run of ['20260105t090001-k3f9q2', '20260104t090001-zzzzzz']) {
      expect(isOfEarlierRun(report, run)).toBe(false);
    }
    for (const other of ['', '{}', 'notes', '{"run": "2"}']) expect(isOfEarlierRun(other, '3')).toBe(false);
  });

  it('reads as file:line:column with the remedy, and counts what is left out', () => {
    const refused = {
      run: 'r',
      notify: [],
      source: { uri: 'file:///x', bytes: 1 },
      problems: [problem(4)],
      problemCount: 3,
    };
    const text = reportText('a.yml', refused);
    expect(text).toContain('a.yml was refused because of 3 problems.');
    expect(text).toContain('\na.yml:4:3: wrong (fix it)\nand 2 more');
    expect(JSON.parse(reportJson('a.yml', 'a-1', refused))).toMatchObject({ setId: 'a-1', problemCount: 3 });
  });
});
