/** Tells which unknown keys may be meant as keys that the reference lacked, so that even compat refuses them. */
import { distance } from 'fastest-levenshtein';
import { NEW_KEYS } from '../schema.ts';
import { plainForm } from './suggest.ts';

/** If one of these had no effect, too much would be paid for, so more is taken for them than for other keys. */
const SPENDING_LIMITS = ['budget', 'deadline'];
/** Separates the parts of `budget-usd`, `budgetUsd`, `max budget` and `budget:5`. */
const BETWEEN_PARTS = /[-_.:\s]|(?<=\p{Ll})(?=\p{Lu})/u;

/**
 * The key that the reference lacked, if a key is the same except for case and punctuation, or a synonym; for those that
 * limit spending, also if a part of it is the same, or if it begins with the same letter and is spelt almost like it.
 */
export function newKeyMeant(key: string): string | undefined {
  // Users mark keys of their own with `x-`.
  if (key.startsWith('x-')) return undefined;
  const plain = plainForm(key);
  const parts = key.split(BETWEEN_PARTS).map((part) => part.toLowerCase());
  return (
    NEW_KEYS.find((name) => plainForm(name) === plain) ??
    SPENDING_LIMITS.find((limit) => parts.includes(limit) || isSlipOf(limit, plain))
  );
}

/** Whether they differ by one letter, or by two that are swapped: two others can make another word, such as `bucket`. */
function isSlipOf(word: string, typed: string): boolean {
  const edits = distance(typed, word);
  return typed[0] === word[0] && (edits <= 1 || (edits === 2 && lettersOf(typed) === lettersOf(word)));
}

const lettersOf = (word: string): string => [...word].toSorted().join('');
