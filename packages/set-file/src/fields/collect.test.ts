/** The structure of a file, before its values are checked. */

import { MAX_ITEMS } from '@setlist/contracts';
import { expect, it } from 'vitest';
import { Findings } from '../problems.ts';
import { Collector } from './collect.ts';

it('is full after one item too many, and reports that only once', () => {
  const findings = new Findings((at) => ({ line: 1, column: at }), { compat: false });
  let items = 0;
  const collector = new Collector({ findings, onItem: () => (items += 1) });
  for (let at = 0; at < MAX_ITEMS + 300; at += 1) {
    collector.item({ kind: 'map', entries: [], start: at, end: at });
  }
  expect(items).toBe(MAX_ITEMS);
  expect(findings.problems().map(({ code, column }) => [code, column])).toEqual([
    ['too-many-items', MAX_ITEMS],
  ]);
  expect(collector).toMatchObject({ full: true, partial: true });
});
