import { expect, test } from 'vitest';
import { isHere, type ProcessSpace } from './process-space.ts';

const LINUX: ProcessSpace = { host: 'box', boot: 'b1', ids: 'pid:[1]' };
const MAC: ProcessSpace = { host: 'mac', boot: '', ids: '' };

test.each<[string, ProcessSpace, ProcessSpace, boolean]>([
  ['of the same boot, under another host name', { ...LINUX, host: 'renamed' }, LINUX, true],
  ['of before a reboot', { ...LINUX, boot: 'b0' }, LINUX, true],
  ['of another container', { ...LINUX, ids: 'pid:[2]' }, LINUX, false],
  ['of another machine', { ...LINUX, host: 'other', boot: 'b2' }, LINUX, false],
  ['of the same machine without /proc', MAC, MAC, true],
  ['of another machine without /proc', { ...MAC, host: 'other' }, MAC, false],
  ['of a machine without /proc, seen from Linux', MAC, LINUX, false],
])('a process %s is told apart', (_, space, here, expected) => {
  expect(isHere(space, here)).toBe(expected);
});
