/** Checks the page of codes against the sources that give items their codes. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { FREED_CODES, ITEM_CODES } from './generate/codes-page.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCES = '{packages/sounds,services/dispatcher}/src/**/*.ts';
/** `code: 'deadline'`, `code: code ?? 'reply-cut'`, `UNUSABLE_AUDIO = 'audio-unusable'`, `CUT_OFF_AUDIO = 'audio-cut-off'`. */
const CODE = /(?:\bcode(?::| =) (?:\w+ \?\??)? ?|\b(?:UNUSABLE|CUT_OFF)_AUDIO = )'([a-z-]+)'/g;
/** The code of custom faults in settings' schemas. */
const OF_SETTINGS = 'custom';

it('names every code that a sound or its item can get, and no other', () => {
  const given = new Set<string>();
  for (const file of globSync(SOURCES, { cwd: ROOT })) {
    if (file.endsWith('.test.ts')) continue;
    for (const [, code = ''] of readFileSync(resolve(ROOT, file), 'utf8').matchAll(CODE)) given.add(code);
  }
  given.delete(OF_SETTINGS);
  expect(Object.keys({ ...ITEM_CODES, ...FREED_CODES }).sort()).toEqual([...given].sort());
});
