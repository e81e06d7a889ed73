/** Splits checked SSML into pieces; an element changes the style, the reading or the pauses of its content. */
import { breakMs, strengthMs } from './pauses.ts';
import { toIpa } from './phonetic-alphabets.ts';
import { byteLength, type Piece, PLAIN, type Prosody, type Reading, type Style } from './spoken-text.ts';
import type { RunOfText } from './words.ts';

type Element = { readonly name: string; readonly attributes: Readonly<Record<string, string>> };
type Cut = (run: RunOfText) => Piece[];

/** Comments, tags (with `>` inside quotes) and the XML declaration, text. */
const MARKUP = /<!--[\s\S]*?-->|<(?:"[^"]*"|'[^']*'|[^>"'])*>|[^<]+/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Resolves the five named entities of XML and numeric references. */
function decodeEntities(source: string): string {
  return source.replace(/&(#x[0-9a-f]+|#\d+|amp|lt|gt|quot|apos);/gi, (_, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? '';
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}

/** @param ssml well-formed SSML with the root `<speak>`, as accepted by `checkSsml` of `@setlist/polly`. */
export function readSsml(ssml: string, cut: Cut): Piece[] {
  const pieces: Piece[] = [];
  const open: { element: Element; style: Style; from: number }[] = [];
  let bytes = 0;
  const style = () => open.at(-1)?.style ?? PLAIN;
  const close = () => {
    const top = open.pop();
    if (!top) return;
    const reading = readingOf(top.element);
    if (reading) pieces.push(...asOneWord(pieces.splice(top.from), reading, ssml));
    if (top.element.name === 'p') pieces.push({ kind: 'boundary', of: 'paragraph' });
    if (top.element.name === 's') pieces.push({ kind: 'boundary', of: 'sentence' });
  };
  let blankBefore = true;
  for (const [token] of ssml.matchAll(MARKUP)) {
    const start = bytes;
    bytes += byteLength(token);
    if (!token.startsWith('<')) {
      pieces.push(
        ...cut({ source: token, start, style: style(), joined: !blankBefore, decode: decodeEntities }),
      );
      blankBefore = /\s$/.test(token);
    } else if (token.startsWith('</')) {
      close();
    } else if (!/^<[!?]/.test(token)) {
      const element = elementOf(token);
      pieces.push(...pausesBefore(element));
      if (element.name === 'mark') {
        pieces.push({ kind: 'mark', name: element.attributes.name ?? '', start, end: bytes });
      }
      if (['break', 'p', 's'].includes(element.name)) blankBefore = true;
      open.push({ element, style: styleWithin(style(), element), from: pieces.length });
      if (token.endsWith('/>')) close();
    }
  }
  return pieces;
}

function elementOf(tag: string): Element {
  const name = /^<([\w:-]+)/.exec(tag)?.[1] ?? '';
  const attributes: Record<string, string> = {};
  for (const [, key = '', double, single] of tag.slice(name.length + 1).matchAll(ATTRIBUTE)) {
    attributes[key] = decodeEntities(double ?? single ?? '');
  }
  return { name, attributes };
}

function pausesBefore({ name, attributes }: Element): Piece[] {
  if (name === 'p') return [{ kind: 'boundary', of: 'paragraph' }];
  if (name === 's') return [{ kind: 'boundary', of: 'sentence' }];
  if (name !== 'break') return [];
  const ms = attributes.time === undefined ? strengthMs(attributes.strength) : breakMs(attributes.time);
  return [{ kind: 'pause', ms }];
}

function styleWithin(outer: Style, { name, attributes }: Element): Style {
  switch (name) {
    case 'prosody':
      return { ...outer, prosody: [...outer.prosody, prosodyOf(attributes)] };
    case 'emphasis':
      return { ...outer, emphasis: attributes.level ?? 'moderate' };
    case 'lang':
      return attributes['xml:lang'] === undefined ? outer : { ...outer, language: attributes['xml:lang'] };
    case 'amazon:effect':
      return attributes.name === 'whispered' ? { ...outer, whispered: true } : outer;
    default:
      return outer;
  }
}

function prosodyOf({ rate, pitch, volume }: Element['attributes']): Prosody {
  return { ...(rate && { rate }), ...(pitch && { pitch }), ...(volume && { volume }) };
}

function readingOf({ name, attributes }: Element): Reading | undefined {
  switch (name) {
    case 'sub':
      return { kind: 'alias', text: attributes.alias ?? '' };
    case 'phoneme':
      return pronunciationOf(attributes.ph ?? '', attributes.alphabet ?? 'ipa');
    case 'say-as': {
      const { 'interpret-as': as = '', format } = attributes;
      return { kind: 'say-as', as, ...(format !== undefined && { format }) };
    }
    default:
      return undefined;
  }
}

/** Kana is read unchanged, without accents; espeak has no pinyin or jyutping, and speaks the element's text. */
function pronunciationOf(ph: string, alphabet: string): Reading {
  switch (alphabet) {
    case 'x-amazon-pron-kana':
    case 'x-amazon-yomigana':
      return { kind: 'alias', text: ph.replace(/['’]/g, '') };
    case 'x-amazon-pinyin':
    case 'x-amazon-jyutping':
      return { kind: 'letters' };
    default:
      return { kind: 'phonemes', ipa: toIpa(ph, alphabet) };
  }
}

/** Reads such an element's content as one word, from its first to its last letter. Marks inside it come before it. */
function asOneWord(inside: Piece[], reading: Reading, ssml: string): Piece[] {
  const words = inside.filter((piece) => piece.kind === 'word');
  const first = words[0];
  const last = words.at(-1);
  const marks = inside.filter((piece) => piece.kind === 'mark');
  if (!first || !last) return marks;
  const text = words.map((word, index) => (index > 0 && !word.joined ? ` ${word.text}` : word.text)).join('');
  const source = Buffer.from(ssml).subarray(first.start, last.end).toString();
  return [...marks, { ...first, text, source, end: last.end, reading }];
}
