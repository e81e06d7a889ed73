import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { orGone, orGoneSync } from './or-gone.ts';

const here = import.meta.filename;
const absent = join(import.meta.dirname, 'absent');

test('a missing file is undefined', async () => {
  expect(await orGone(readFile(absent))).toBeUndefined();
  expect(orGoneSync(() => readFileSync(absent))).toBeUndefined();
  expect(await orGone(readFile(here))).toEqual(orGoneSync(() => readFileSync(here)));
});

test('any other error is thrown', async () => {
  const folder = import.meta.dirname;
  await expect(orGone(readFile(folder))).rejects.toThrow('EISDIR');
  expect(() => orGoneSync(() => readFileSync(folder))).toThrow('EISDIR');
});
