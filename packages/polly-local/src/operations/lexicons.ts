/** PutLexicon, GetLexicon, DeleteLexicon and ListLexicons. */
import { LIMITS } from '@setlist/polly';
import { z } from 'zod';
import type { Lexicon, LexiconStore } from '../lexicons/lexicon-store.ts';
import { type Operation, parseInput } from './operation.ts';
import { pageOf } from './pages.ts';

const PAGE_SIZE = 100;
const nameSchema = z.object({ Name: z.string().regex(LIMITS.lexiconName) });
const contentSchema = z.object({ Content: z.string() });

export function lexiconOperations(store: LexiconStore, region: string) {
  const putLexicon: Operation = async ({ route, body }) => {
    const { Name } = parseInput(nameSchema, { Name: route.name });
    await store.put(Name, parseInput(contentSchema, body).Content);
    return { kind: 'json', body: {} };
  };
  const getLexicon: Operation = ({ route }) => {
    const lexicon = store.get(parseInput(nameSchema, { Name: route.name }).Name);
    const { name, content } = lexicon;
    return {
      kind: 'json',
      body: { Lexicon: { Name: name, Content: content }, LexiconAttributes: attributesOf(lexicon, region) },
    };
  };
  const deleteLexicon: Operation = async ({ route }) => {
    await store.delete(parseInput(nameSchema, { Name: route.name }).Name);
    return { kind: 'json', body: {} };
  };
  const listLexicons: Operation = ({ route }) => {
    const { items, nextToken } = pageOf(
      store.list(),
      ({ name }) => name,
      PAGE_SIZE,
      route.query.get('NextToken'),
    );
    const Lexicons = items.map((lexicon) => ({
      Name: lexicon.name,
      Attributes: attributesOf(lexicon, region),
    }));
    return { kind: 'json', body: { Lexicons, ...(nextToken && { NextToken: nextToken }) } };
  };
  return {
    PutLexicon: putLexicon,
    GetLexicon: getLexicon,
    DeleteLexicon: deleteLexicon,
    ListLexicons: listLexicons,
  };
}

/** `Size` is in characters; times are seconds since 1970. */
function attributesOf({ name, content, lastModifiedMs, parsed }: Lexicon, region: string) {
  return {
    Alphabet: parsed.alphabet,
    LanguageCode: parsed.language,
    LastModified: lastModifiedMs / 1000,
    LexiconArn: `arn:aws:polly:${region}:000000000000:lexicon/${name}`,
    LexemesCount: parsed.lexemesCount,
    Size: [...content].length,
  };
}
