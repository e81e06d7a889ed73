/** Spells any script in ASCII exactly as Python's text-unidecode 1.3, which the reference's names are based on. */
import unidecode from 'unidecode';
import { TRANSLITERATION_EXCEPTIONS } from './transliteration-exceptions.ts';

const NON_ASCII = /[^\p{ASCII}]/gu;

/** Expanded from their short form when the first character needs them: most sets have none. */
let exceptions: ReadonlyMap<number, string> | undefined;

/**
 * ASCII for each character, regardless of its neighbours. Characters beyond the Basic Multilingual Plane (mostly
 * emoji) have no spelling and are dropped; unknown characters within it become `[?]`.
 */
export function transliterate(text: string): string {
  return text.replace(NON_ASCII, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xfffe) return '';
    exceptions ??= readExceptions();
    return exceptions.get(code) ?? unidecode(character);
  });
}

function readExceptions(): ReadonlyMap<number, string> {
  return new Map(
    TRANSLITERATION_EXCEPTIONS.flatMap(([replacement, ranges]) =>
      ranges.split(/\s+/).flatMap((range) => {
        const [first = '', last = first] = range.split('-');
        const from = Number.parseInt(first, 16);
        const count = Number.parseInt(last, 16) - from + 1;
        return Array.from({ length: count }, (_, step) => [from + step, replacement] as const);
      }),
    ),
  );
}
