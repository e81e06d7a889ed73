import { expect, test } from 'vitest';
import { chooseChannels } from './choose-channels.ts';

const MAIL = { name: 'mail' };
const FOLDER = { name: 'folder' };

test.each([
  { wanted: [], chosen: [MAIL, FOLDER], unknown: [] },
  { wanted: ['mail'], chosen: [MAIL], unknown: [] },
  { wanted: ['mail', 'pager'], chosen: [MAIL], unknown: ['pager'] },
  { wanted: ['pager'], chosen: [MAIL, FOLDER], unknown: ['pager'] },
])('a set that names $wanted is told of by $chosen', ({ wanted, chosen, unknown }) => {
  expect(chooseChannels(wanted, [MAIL, FOLDER])).toEqual({ chosen, unknown });
});
