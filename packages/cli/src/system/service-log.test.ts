import { expect, test } from 'vitest';
import { worthTelling } from './service-log.ts';

const line = (fields: object) => JSON.stringify({ level: 'warn', service: 'dispatcher', ...fields });

test('tells warnings with their cause and remedy', () => {
  const err = { message: 'ENOSPC', remedy: 'Make room on the disk.' };
  expect(worthTelling(line({ msg: 'the store does not take audio', err }))).toBe(
    'the store does not take audio: ENOSPC (Make room on the disk.)',
  );
});

test('keeps to itself what is only for the file, or is told with its set', () => {
  expect(worthTelling(line({ level: 'info', msg: 'set opened' }))).toBeUndefined();
  expect(worthTelling(line({ msg: 'item failed', index: 3 }))).toBeUndefined();
  expect(worthTelling(line({ msg: 'x.yml is refused', event: 'set-rejected' }))).toBeUndefined();
});
