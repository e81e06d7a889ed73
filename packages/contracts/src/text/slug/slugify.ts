/** Makes file names of phrases, byte for byte as python-slugify 5 does, so that projects migrate without renaming. */
import { decode } from 'html-entities';
import { transliterate } from './transliterate.ts';

/** HTML 4 has no `&apos;`, and python-slugify leaves it alone. */
const NAMED_ENTITY = /&(?!apos;)[A-Za-z][A-Za-z0-9]*;/g;
const DECIMAL_ENTITY = /&#(\d+);/g;
const HEX_ENTITY = /&#x([0-9a-fA-F]+);/g;
const LAST_CODE_POINT = 0x10ffff;

/**
 * `Dull roots & 1,000 "Zürich"` → `dull-roots-1000-zurich`.
 *
 * The order of the steps is python-slugify's and affects the result: entities are decoded after transliteration,
 * so `é` becomes `e` by the table but `&eacute;` by decomposition. Tags count as text.
 * @param maxLength characters to cut at, ignoring word boundaries; a dash left at the end is removed too
 * @returns lower-case ASCII letters, digits and single inner dashes; empty when the text has no letters or digits
 */
export function slugify(text: string, maxLength: number): string {
  const ascii = decodeEntities(transliterate(text.replace(/'+/g, '-')));
  const slug = ascii
    .normalize('NFKD')
    .toLowerCase()
    .replace(/'+/g, '')
    .replace(/(?<=\d),(?=\d)/g, '')
    .replace(/[^-a-z0-9]+/g, '-');
  return trimDashes(trimDashes(slug.replace(/-{2,}/g, '-')).slice(0, maxLength));
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  const named = text.replace(NAMED_ENTITY, (entity) => decode(entity, { level: 'html4', scope: 'strict' }));
  return decodeNumbers(decodeNumbers(named, DECIMAL_ENTITY, 10), HEX_ENTITY, 16);
}

/** One number beyond Unicode leaves all of its kind undecoded: in Python the substitution raises and is abandoned. */
function decodeNumbers(text: string, pattern: RegExp, radix: 10 | 16): string {
  const codes = Array.from(text.matchAll(pattern), ([, digits = '']) => Number.parseInt(digits, radix));
  if (codes.some((code) => code > LAST_CODE_POINT)) return text;
  return text.replace(pattern, (_, digits: string) => character(Number.parseInt(digits, radix)));
}

/** A lone surrogate stays alone, as in Python: two of them side by side must not combine into one character. */
function character(code: number): string {
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
}

function trimDashes(text: string): string {
  return text.replace(/^-+|-+$/g, '');
}
