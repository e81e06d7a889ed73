/** Finds the ends of sentences by Unicode's rules and a few abbreviations, so that "Mr. Smith" is not split. */
import type { Piece } from './spoken-text.ts';

/** Abbreviations before a name or a number, after which Unicode's rules would end a sentence. */
const NEVER_LAST =
  /(?:^|[\s("'“‘«])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|Rev|Gen|Col|Capt|Lt|Sgt|Hon|No|Nr|Fig|vs|cf|Hr|Fr|Frl|bzw|Mme|Mlle|Sr|Sra|Srta|Dra|Sig|Dott)\.$/u;

/** Words that bind a following number, as do words with an inner full stop, such as "p.m.". */
const BEFORE_NUMBER =
  /(?:^|[^\p{L}\p{N}])(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|okt|nov|dec|dez|p|pp|vol|ch|art|sec|ca|approx|op|ed|par|tel|max|min|abs|kap|bd|\p{L}+\.\p{L}+)\.$/iu;
/** Languages in which a full stop turns a number into an ordinal: "am 3. 5." */
const ORDINAL_STOP = /^(?:cs|da|de|fi|is|nb|pl|tr)\b/;
/** The characters checked before each number, since a sentence can be as long as the text. */
const LONGEST_ABBREVIATION = 40;
const AFTER_NUMBER = /\p{N}\.$/u;
/** Unicode's rules skip to the next letter, and end no sentence if it is lower-case: "out. 3 people". */
const STOP_BEFORE_NUMBER = /(?<!\.)\.[”’"'»)]*(?=\s+[“‘«"'(]?\p{N})/gu;

/** “Yes!” he said. */
const QUOTED = /[”’"'»)]$/;
const LOWER_CASE = /^\p{Ll}/u;
const NUMBER = /^\p{N}/u;

/** The indexes of the pieces after which a sentence ends. */
export function sentenceEnds(pieces: readonly Piece[], language: string): ReadonlySet<number> {
  const ends = new Set<number>();
  const segmenter = new Intl.Segmenter(localeOf(language), { granularity: 'sentence' });
  for (const paragraph of paragraphsOf(pieces)) {
    let text = '';
    const closing = new Map<number, number>();
    for (const { piece, index } of paragraph) {
      text += (piece.joined || text === '' ? '' : ' ') + piece.text;
      closing.set(text.length, index);
    }
    for (const { segment, index } of segmenter.segment(text)) {
      const said = segment.trimEnd();
      const end = closing.get(index + said.length);
      const next = text.slice(index + segment.length);
      const goesOn =
        NEVER_LAST.test(said) ||
        (QUOTED.test(said) && LOWER_CASE.test(next)) ||
        (NUMBER.test(next) && bindsNumber(said, language));
      if (end !== undefined && !goesOn) ends.add(end);
      for (const at of stopsBeforeNumbers(said, language)) {
        const stop = closing.get(index + at);
        if (stop !== undefined) ends.add(stop);
      }
    }
  }
  return ends;
}

function* stopsBeforeNumbers(said: string, language: string): Generator<number> {
  for (const match of said.matchAll(STOP_BEFORE_NUMBER)) {
    if (!bindsNumber(said.slice(0, match.index + 1), language)) yield match.index + match[0].length;
  }
}

function bindsNumber(before: string, language: string): boolean {
  const last = before.slice(-LONGEST_ABBREVIATION);
  return (
    NEVER_LAST.test(last) ||
    BEFORE_NUMBER.test(last) ||
    (AFTER_NUMBER.test(last) && ORDINAL_STOP.test(language))
  );
}

/** The locale of a language; ICU has other names for Polly's codes `arb` and `cmn-CN`. */
function localeOf(language: string): string {
  return Intl.Segmenter.supportedLocalesOf([language])[0] ?? 'en';
}

function* paragraphsOf(pieces: readonly Piece[]) {
  let words: { piece: Extract<Piece, { kind: 'word' }>; index: number }[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'word') words.push({ piece, index });
    else if (piece.kind === 'boundary') {
      yield words;
      words = [];
    }
  }
  yield words;
}
