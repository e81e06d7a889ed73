/** The page has these rules in words of its own. */
import { hasManifest, isOpen, setSummarySchema } from '@setlist/contracts';
import { expect, test } from 'vitest';
import * as page from '../page/src/state/set-state.ts';

test.each(setSummarySchema.shape.state.options)(
  'the page has a set that is %s stand as everybody else does',
  (state) => {
    for (const round of [1, 2]) {
      const set = { state, round };
      expect([page.isOpen(set), page.hasManifest(set)]).toEqual([isOpen(set), hasManifest(set)]);
    }
  },
);
