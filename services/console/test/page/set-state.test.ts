/** The page has its own copy of these rules. */
import { hasManifest, isOpen, setSummarySchema } from '@setlist/contracts';
import { expect, test } from 'vitest';
import * as page from '../../page/src/state/set-state.ts';

test.each(setSummarySchema.shape.state.options)(
  'the page treats a set that is %s as all services do',
  (state) => {
    for (const round of [1, 2]) {
      const set = { state, round };
      expect([page.isOpen(set), page.hasManifest(set)]).toEqual([isOpen(set), hasManifest(set)]);
    }
  },
);
