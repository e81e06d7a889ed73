/** DescribeVoices: the table of voices, filtered and in pages. */
import { ENGINES, LANGUAGES, VOICES, type Voice } from '@setlist/polly';
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { parseInput } from './operation.ts';
import { pageOf } from './pages.ts';

const PAGE_SIZE = 100;

const inputSchema = z.object({
  Engine: z.enum(ENGINES).optional(),
  LanguageCode: z.enum(Object.keys(LANGUAGES)).optional(),
  IncludeAdditionalLanguageCodes: z.stringbool().default(false),
  NextToken: z.string().optional(),
});

const sorted = VOICES.toSorted((a, b) => (a.id < b.id ? -1 : 1));

export const describeVoices: Operation = ({ route }) => {
  const input = parseInput(inputSchema, Object.fromEntries(route.query));
  const { Engine, LanguageCode, IncludeAdditionalLanguageCodes: additional } = input;
  const found = sorted.filter((voice) => {
    const languages = additional ? [voice.language, ...voice.additionalLanguages] : [voice.language];
    return (!Engine || voice.engines.includes(Engine)) && (!LanguageCode || languages.includes(LanguageCode));
  });
  const { items, nextToken } = pageOf(found, ({ id }) => id, PAGE_SIZE, input.NextToken);
  return { kind: 'json', body: { Voices: items.map(describe), ...(nextToken && { NextToken: nextToken }) } };
};

function describe({ id, name, gender, language, additionalLanguages, engines }: Voice) {
  return {
    Id: id,
    Name: name,
    Gender: gender,
    LanguageCode: language,
    LanguageName: LANGUAGES[language],
    ...(additionalLanguages.length > 0 && { AdditionalLanguageCodes: additionalLanguages }),
    SupportedEngines: engines,
  };
}
