import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns line up under their titles, also with wide letters and colours', () => {
  const lines = table(
    [{ title: 'Set' }, { title: 'Done', align: 'right' }, { title: 'Files' }],
    [
      ['日本語', '6/6', 'a'],
      ['\u001b[31mred\u001b[39m', '12/1,200', ''],
    ],
  );
  expect(lines).toEqual([
    'Set         Done  Files',
    '日本語       6/6  a',
    '\u001b[31mred\u001b[39m     12/1,200',
  ]);
});

test('as many rows as a large set has items fit in', () => {
  const rows = Array.from({ length: 200_000 }, () => ['x']);
  expect(table([{ title: 'Set' }], rows)).toHaveLength(200_001);
});
