import { describe, expect, test } from 'vitest';
import { chooseChannels } from './choose-channels.ts';

const MAIL = { name: 'mail' };
const FOLDER = { name: 'folder' };
const OPS = { name: 'ops', notices: ['stalled', 'over-budget'] as const };
const PAGER = { name: 'pager', byDefault: false };

test.each([
  { wanted: [], chosen: [MAIL, FOLDER], unknown: [] },
  { wanted: ['mail'], chosen: [MAIL], unknown: [] },
  { wanted: ['mail', 'fax'], chosen: [MAIL], unknown: ['fax'] },
  { wanted: ['fax'], chosen: [MAIL, FOLDER], unknown: ['fax'] },
  { wanted: ['pager'], chosen: [PAGER], unknown: [] },
])('a set that names $wanted is announced by $chosen', ({ wanted, chosen, unknown }) => {
  expect(chooseChannels({ wanted, kind: 'completed' }, [MAIL, FOLDER, PAGER])).toEqual({ chosen, unknown });
});

describe('a channel for some kinds of notice', () => {
  test('gets only those, whether the set names it or not', () => {
    for (const wanted of [[], ['ops', 'mail']]) {
      expect(chooseChannels({ wanted, kind: 'stalled' }, [MAIL, OPS]).chosen).toEqual([MAIL, OPS]);
      expect(chooseChannels({ wanted, kind: 'completed' }, [MAIL, OPS]).chosen).toEqual([MAIL]);
    }
  });
});
