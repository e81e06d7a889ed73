/** Short ways to make checked sets, for the tests of this package. */
import type { ParsedItem, SetTerms } from '@setlist/set-file';
import { type SetSurvey, surveyOf } from '../src/domain/survey.ts';

export const itemOf = (index: number, changes: Partial<ParsedItem> = {}): ParsedItem => ({
  index,
  file: `item-${index}.mp3`,
  line: 4 + index,
  column: 5,
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

export const setOf = (changes: Partial<SetTerms> = {}): SetTerms => ({
  name: 'act 1',
  prefix: 'act-1',
  priority: 'normal',
  notify: [],
  paths: 'auto',
  places: {},
  ...changes,
});

export const surveyWith = (...items: readonly ParsedItem[]): SetSurvey => surveyOf(items);
