/** Tells which unknown keys may be meant as keys that the reference lacked, so that even compat refuses them. */
import { distance } from 'fastest-levenshtein';
import { NEW_KEYS } from '../schema.ts';
import { plainForm } from './suggest.ts';

/** More is taken for these than for other keys. */
const SPENDING_LIMITS = ['budget', 'deadline'];
/** Separates the parts of `budget-usd`, `budgetUsd`, `USDBudget` and `budget(usd)`. */
const BETWEEN_PARTS = /[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
/** What is written before or behind a limit, also without anything in between: `maxbudget`. */
const AFFIXES = /^(?:usd|max|limit)+|(?:usd|max|limit)+$/g;
/** A longer key is a sentence of the user's own. */
const LONGEST_KEY = 64;

const BY_PLAIN_FORM: ReadonlyMap<string, string> = new Map(NEW_KEYS.map((name) => [plainForm(name), name]));

/** Whether too much would be paid for if a key had no effect. */
export function limitsSpending(key: string): boolean {
  return SPENDING_LIMITS.includes(key);
}

/**
 * The key that the reference lacked, if a key is the same except for case and punctuation, or a synonym; for those that
 * limit spending, also if the key, or a part of it, is spelt almost like it.
 */
export function newKeyMeant(key: string): string | undefined {
  // Users mark keys of their own with `x-`.
  if (key.startsWith('x-') || key.length > LONGEST_KEY) return undefined;
  const plain = plainForm(key);
  const same = BY_PLAIN_FORM.get(plain);
  if (same !== undefined) return same;
  const words = [plain.replace(AFFIXES, ''), ...key.split(BETWEEN_PARTS).map((part) => part.toLowerCase())];
  return SPENDING_LIMITS.find((limit) => words.some((word) => isSlipOf(limit, word)));
}

/**
 * Whether they differ by one letter after the first, or by two that are swapped, apart from letters that are doubled:
 * two others can make another word, such as `bucket`.
 */
function isSlipOf(word: string, typed: string): boolean {
  const single = typed.replace(/(.)\1+/gu, '$1');
  const edits = distance(single, word);
  return (edits <= 1 && single[0] === word[0]) || (edits === 2 && lettersOf(single) === lettersOf(word));
}

const lettersOf = (word: string): string => [...word].toSorted().join('');
