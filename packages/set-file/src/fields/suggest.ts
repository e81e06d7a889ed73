/** Suggests what a misspelt word, or a list without brackets, was probably meant to be. */
import { distance } from 'fastest-levenshtein';
import type { ListNode, ScalarNode } from '../source/source-nodes.ts';

/**
 * The candidate closest to a word: the same or a synonym except for case and punctuation (`voiceId`), one that contains
 * it as a part (`prefix` in `output-prefix`), or one that differs by one or two letters.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const plain = plainForm(word);
  if (plain === '') return undefined;
  const same = candidates.find((candidate) => simplify(candidate) === plain);
  if (same !== undefined) return same;
  const holder = candidates.find((candidate) => candidate.split('-').includes(word.toLowerCase()));
  if (holder !== undefined) return holder;
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(plain, simplify(candidate));
    if (edits < (best?.edits ?? 3) && edits * 3 <= candidate.length) best = { candidate, edits };
  }
  return best?.candidate;
}

/** What telephony calls the companded formats, and the command line the budget. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['maxusd', 'budget'],
  ['pcmu', 'mulaw'],
  ['g711u', 'mulaw'],
  ['pcma', 'alaw'],
  ['g711a', 'alaw'],
]);

/** A word without case and punctuation, or what it is a synonym of: words are the same if these are equal. */
export function plainForm(word: string): string {
  const simple = simplify(word);
  return SYNONYMS.get(simple) ?? simple;
}

function simplify(word: string): string {
  return word
    .toLowerCase()
    .replace(/[\u00b5\u03bc]/gu, 'mu')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** The longest text, in UTF-16 code units, that is taken for a list without brackets, so that remedies stay short. */
const LONGEST_LIST = 200;

/** The remedy for `sentence, word` where a list belongs, if each of its words can be an element. */
export function missingBrackets(
  value: ScalarNode | Pick<ListNode, 'kind'>,
  isElement: (word: string) => boolean,
): string | undefined {
  if (value.kind === 'list' || value.value.length > LONGEST_LIST) return undefined;
  const words = value.value.trim().split(/[\s,;]+/);
  return words.length > 1 && words.every(isElement) ? `write a list: [${words.join(', ')}]` : undefined;
}

/** The remedy `otherwise`, after "did you mean …?" if there is a suggestion. */
export function didYouMean(word: string, candidates: readonly string[], otherwise: string): string {
  const meant = suggest(word, candidates);
  return meant === undefined ? otherwise : `did you mean "${meant}"? Otherwise ${otherwise}`;
}
