/** Checked sets in few words, for the tests of this folder. */
import type { ParsedItem, ParsedSet } from '@setlist/contracts';

export const itemOf = (index: number, changes: Partial<ParsedItem> = {}): ParsedItem => ({
  index,
  file: `item-${index}.mp3`,
  line: 4 + index,
  engine: 'neural',
  voice: 'Matthew',
  language: 'en-US',
  format: 'mp3',
  sampleRate: 24_000,
  textType: 'text',
  text: `Phrase ${index}`,
  lexicons: [],
  speechMarks: [],
  billedCharacters: 8,
  operation: 'synthesize',
  ...changes,
});

export const setWith = (items: readonly ParsedItem[], changes: Partial<ParsedSet> = {}): ParsedSet => ({
  name: 'act 1',
  prefix: 'act-1',
  priority: 'normal',
  notify: [],
  items,
  ...changes,
});
