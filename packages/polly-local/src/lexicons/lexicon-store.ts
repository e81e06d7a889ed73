/** The account's lexicons: stored by name, applied to a request in the order that it names them. */
import { LIMITS } from '@setlist/polly';
import type { Reading } from '../speech/spoken-text.ts';
import type { DocumentStore } from '../storage/document-store.ts';
import { ApiError } from '../wire/api-error.ts';
import { fitsLanguage, type ParsedLexicon, parsePls } from './pls.ts';

export type Lexicon = {
  readonly name: string;
  readonly content: string;
  readonly lastModifiedMs: number;
  readonly parsed: ParsedLexicon;
};

/** The stored part of a lexicon; the rest derives from it. */
export type StoredLexicon = Pick<Lexicon, 'name' | 'content' | 'lastModifiedMs'>;

export type LexiconStore = {
  /** @throws ApiError for content that `parsePls` refuses or that is too large, and for the 101st lexicon. */
  put(name: string, content: string): Promise<void>;
  /** @throws ApiError LexiconNotFoundException */
  get(name: string): Lexicon;
  /** @throws ApiError LexiconNotFoundException */
  delete(name: string): Promise<void>;
  /** By name. */
  list(): readonly Lexicon[];
  /**
   * If several lexicons have the same grapheme, the first one counts; lexicons for another language are skipped.
   * @throws ApiError LexiconNotFoundException
   */
  pronunciations(names: readonly string[], language: string): (readonly [string, Reading])[];
};

export async function openLexiconStore(
  documents: DocumentStore<StoredLexicon>,
  nowMs: () => number,
): Promise<LexiconStore> {
  const lexicons = new Map<string, Lexicon>();
  for (const stored of await documents.all())
    lexicons.set(stored.name, { ...stored, parsed: parsePls(stored.content) });

  const get = (name: string): Lexicon => {
    const lexicon = lexicons.get(name);
    if (lexicon) return lexicon;
    throw new ApiError('LexiconNotFoundException', `Lexicon not found: ${name}`);
  };

  let lastWrite: Promise<unknown> = Promise.resolve();
  /** Writes one after the other, each in force once stored: what is in force is what a restart finds. */
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const written = lastWrite.then(write);
    // The caller gets the failure; later writes are not affected by it.
    lastWrite = written.catch(() => undefined);
    return written;
  };

  return {
    get,
    put: (name, content) =>
      inTurn(async () => {
        checkRoom(name, content, lexicons);
        const stored = { name, content, lastModifiedMs: nowMs() };
        const lexicon = { ...stored, parsed: parsePls(content) };
        await documents.put(name, stored);
        lexicons.set(name, lexicon);
      }),
    delete: (name) =>
      inTurn(async () => {
        get(name);
        await documents.delete(name);
        lexicons.delete(name);
      }),
    list: () => [...lexicons.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    pronunciations: (names, language) => pronunciationsIn(names.map(get), language),
  };
}

function pronunciationsIn(lexicons: readonly Lexicon[], language: string): (readonly [string, Reading])[] {
  const found = new Map<string, Reading>();
  for (const { parsed } of lexicons) {
    if (!fitsLanguage(parsed.language, language)) continue;
    for (const [grapheme, reading] of parsed.entries) if (!found.has(grapheme)) found.set(grapheme, reading);
  }
  return [...found];
}

function checkRoom(name: string, content: string, lexicons: ReadonlyMap<string, Lexicon>): void {
  const { lexiconCharacters, lexiconsPerAccount } = LIMITS;
  if ([...content].length > lexiconCharacters) {
    throw new ApiError(
      'LexiconSizeExceededException',
      `A lexicon holds at most ${lexiconCharacters} characters`,
    );
  }
  if (!lexicons.has(name) && lexicons.size >= lexiconsPerAccount) {
    const message = `There are already ${lexiconsPerAccount} lexicons: delete one first`;
    throw new ApiError('MaxLexiconsNumberExceededException', message);
  }
}
