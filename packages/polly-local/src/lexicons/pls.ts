/** Reads a lexicon in the part of the Pronunciation Lexicon Specification that Polly supports: aliases and phonemes. */
import { LANGUAGES, LIMITS } from '@setlist/polly';
import { SaxesParser } from 'saxes';
import { toIpa } from '../speech/phonetic-alphabets.ts';
import type { Reading } from '../speech/spoken-text.ts';
import { ApiError } from '../wire/api-error.ts';

export type ParsedLexicon = {
  readonly alphabet: 'ipa' | 'x-sampa';
  readonly language: string;
  readonly lexemesCount: number;
  readonly entries: readonly (readonly [grapheme: string, Reading])[];
};

type Lexeme = { graphemes: string[]; reading: Reading | undefined };

/**
 * If a lexeme has several pronunciations, the first one counts.
 * @throws ApiError InvalidLexiconException, UnsupportedPlsAlphabetException, UnsupportedPlsLanguageException,
 *   MaxLexemeLengthExceededException
 */
export function parsePls(content: string): ParsedLexicon {
  const reader = new LexiconReader();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw invalid(error.message);
  });
  parser.on('doctype', () => {
    throw invalid('a DOCTYPE is not allowed');
  });
  parser.on('opentag', ({ name, attributes }) => reader.open(name, attributes));
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  parser.on('closetag', ({ name }) => reader.close(name));
  parser.write(content).close();
  return reader.result();
}

class LexiconReader {
  #header: Pick<ParsedLexicon, 'alphabet' | 'language'> | undefined;
  #lexeme: Lexeme | undefined;
  #lexemesCount = 0;
  #phonemeAlphabet: string | undefined;
  #text = '';
  readonly #entries: [string, Reading][] = [];

  open(tag: string, attributes: Readonly<Record<string, string>>): void {
    const name = localName(tag);
    if (!this.#header) this.#header = headerOf(name, attributes);
    else if (name === 'lexeme') this.#lexeme = { graphemes: [], reading: undefined };
    if (name === 'phoneme') this.#phonemeAlphabet = attributes.alphabet;
    this.#text = '';
  }

  text(text: string): void {
    this.#text += text;
  }

  close(tag: string): void {
    const text = this.#text.trim();
    switch (localName(tag)) {
      case 'grapheme':
        this.#lexeme?.graphemes.push(text);
        break;
      case 'alias':
        this.#read({ kind: 'alias', text: bounded(text) });
        break;
      case 'phoneme': {
        const alphabet = this.#phonemeAlphabet ?? this.#header?.alphabet ?? 'ipa';
        this.#read({ kind: 'phonemes', ipa: toIpa(bounded(text), supportedAlphabet(alphabet)) });
        break;
      }
      case 'lexeme':
        this.#endLexeme();
    }
    this.#text = '';
  }

  result(): ParsedLexicon {
    if (!this.#header) throw invalid('it has no <lexicon> element');
    return { ...this.#header, lexemesCount: this.#lexemesCount, entries: this.#entries };
  }

  #read(reading: Reading): void {
    if (this.#lexeme) this.#lexeme.reading ??= reading;
  }

  #endLexeme(): void {
    const { graphemes, reading } = this.#lexeme ?? { graphemes: [], reading: undefined };
    if (graphemes.length === 0 || graphemes.includes(''))
      throw invalid('a <lexeme> has no <grapheme>, or an empty one');
    if (!reading) throw invalid(`the <lexeme> of "${graphemes[0]}" has neither <alias> nor <phoneme>`);
    for (const grapheme of graphemes) this.#entries.push([grapheme, reading]);
    this.#lexemesCount += 1;
    this.#lexeme = undefined;
  }
}

function headerOf(name: string, attributes: Readonly<Record<string, string>>) {
  if (name !== 'lexicon') throw invalid(`its root is <${name}>, not <lexicon>`);
  const language = attributes['xml:lang'];
  if (language === undefined) throw invalid('<lexicon> has no xml:lang');
  const known = Object.keys(LANGUAGES).some((code) => fitsLanguage(language, code));
  if (!known)
    throw new ApiError('UnsupportedPlsLanguageException', `The language ${language} is not supported`);
  return { alphabet: supportedAlphabet(attributes.alphabet ?? 'ipa'), language };
}

/** A lexicon for `en` applies to every English, one for `en-US` only to that. */
export function fitsLanguage(lexiconLanguage: string, language: string): boolean {
  const [asked, spoken] = [lexiconLanguage.toLowerCase(), language.toLowerCase()];
  return spoken === asked || spoken.startsWith(`${asked}-`);
}

function supportedAlphabet(alphabet: string): 'ipa' | 'x-sampa' {
  if (alphabet === 'ipa' || alphabet === 'x-sampa') return alphabet;
  throw new ApiError(
    'UnsupportedPlsAlphabetException',
    `The alphabet ${alphabet} is not supported: use ipa or x-sampa`,
  );
}

function bounded(replacement: string): string {
  const longest = LIMITS.lexiconReplacementCharacters;
  if ([...replacement].length <= longest) return replacement;
  throw new ApiError(
    'MaxLexemeLengthExceededException',
    `A pronunciation is longer than ${longest} characters: ${replacement.slice(0, 40)}…`,
  );
}

const localName = (tag: string) => tag.slice(tag.indexOf(':') + 1);

const invalid = (reason: string) =>
  new ApiError('InvalidLexiconException', `The lexicon is not valid: ${reason}`);
