/** Where sentences end in running words: by Unicode's rules and a few abbreviations, so that "Mr. Smith" is not two. */
import type { Piece } from './spoken-text.ts';

/** Abbreviations with a name or a number after them: Unicode's rules would end a sentence there. */
const NEVER_LAST =
  /(?:^|[\s("'“‘«])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|Rev|Gen|Col|Capt|Lt|Sgt|Hon|No|Nr|Fig|vs|cf|Hr|Fr|Frl|bzw|Mme|Mlle|Sr|Sra|Srta|Dra|Sig|Dott)\.$/u;

/** “Yes!” he said. */
const QUOTED = /[”’"'»)]$/;
const LOWER_CASE = /^\p{Ll}/u;

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
      const goesOn =
        NEVER_LAST.test(said) || (QUOTED.test(said) && LOWER_CASE.test(text.slice(index + segment.length)));
      if (end !== undefined && !goesOn) ends.add(end);
    }
  }
  return ends;
}

/** Polly's `arb` and `cmn-CN` are codes that ICU has under other names. */
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
