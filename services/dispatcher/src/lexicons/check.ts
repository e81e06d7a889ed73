/**
 * Checks that lexicons are unchanged: their content is part of the sound, but the provider gets only their names. They
 * are looked up before an item's turn, not in it: a look-up that is slow or throttled must not hold up other sets.
 */
import type { Sound } from '@setlist/contracts';
import { settlesWithin, unlessAborted } from '@setlist/runtime';
import { CallFailed } from '../adapters/failures.ts';
import { isThrottled } from '../domain/classify.ts';
import type { SettleDeps } from '../settle/deps.ts';
import type { Item } from '../settle/item.ts';

/** How long a failed look-up counts for its item, in ms, before another is made. */
const FAILURE_COUNTS_MS = 5_000;
/** How long a look-up counts, in ms, that was made because its item's turn had come: the next turn may be slow to come. */
const AT_ITS_TURN_COUNTS_MS = 60_000;

type LexiconDeps = Pick<SettleDeps, 'lexiconsOf'>;

const isNewer = (at: number | undefined, ms: number): boolean =>
  at !== undefined && performance.now() - at < ms;

/** Whether the item's turn may begin: it names no lexicons, or what they contain is known, which is noted on the item. */
export function isChecked(deps: LexiconDeps, item: Item): boolean {
  const { request, lexicons: found } = item;
  const { provider, lexicons } = request.sound;
  if (lexicons.length === 0) return true;
  if (found?.failure && isNewer(found.at, FAILURE_COUNTS_MS)) return true;
  const latest = lexicons.map(({ name }) => deps.lexiconsOf(provider).latest(name));
  if (latest.every((answer) => answer !== undefined)) {
    const failure = changeIn(
      lexicons,
      latest.map(({ digest }) => digest),
    );
    if (failure || latest.every(({ settledAt }) => settledAt <= performance.now())) {
      item.lexicons = { at: performance.now(), ...(failure && { failure }) };
      return true;
    }
    return false;
  }
  return found?.atItsTurn === true && isNewer(found.at, AT_ITS_TURN_COUNTS_MS);
}

/** Looks up the item's lexicons and waits until calls use them, which can take long; notes on the item what came of it. */
export async function checkLexicons(
  deps: LexiconDeps,
  item: Item,
  { atItsTurn = false } = {},
): Promise<void> {
  const begun = performance.now();
  const { provider, lexicons } = item.request.sound;
  try {
    const known = deps.lexiconsOf(provider);
    for (const { name, sha256 } of lexicons) await known.recent(name, sha256);
    // While one was waited for, another may have changed; most answers are still known.
    const digests: Array<string | undefined> = [];
    for (const { name, sha256 } of lexicons) digests.push(await known.recent(name, sha256));
    const failure = changeIn(lexicons, digests);
    item.lexicons = { at: performance.now(), atItsTurn, ...(failure && { failure }) };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const at = performance.now();
    item.lexicons = { at, failure: error };
    if (!isThrottled(error.failure)) item.triedForMs += at - begun;
  }
}

/** Longer than any look-up takes; timers take at most 24 days. */
const A_DAY_MS = 86_400_000;

/** Waits until the item's lexicons were checked, or its deadline has come. */
export async function lexiconsChecked(
  deps: Pick<SettleDeps, 'lexiconsOf' | 'log'>,
  item: Item,
  signal: AbortSignal,
  { atItsTurn = false } = {},
): Promise<void> {
  const leftMs = (item.terms.deadline ?? Number.POSITIVE_INFINITY) - deps.log.clock.now();
  const checked = unlessAborted(checkLexicons(deps, item, { atItsTurn }), signal);
  await settlesWithin(Math.min(Math.max(0, leftMs), A_DAY_MS), checked);
}

/** @throws CallFailed if a lexicon has changed since the set was accepted, or could not be looked up */
export function throwIfChanged({ lexicons }: Item): void {
  if (lexicons?.failure) throw lexicons.failure;
}

/** The failure of items that use a lexicon whose content is not what the set was accepted with. */
function changeIn(
  lexicons: Sound['lexicons'],
  digests: readonly (string | undefined)[],
): CallFailed | undefined {
  const at = lexicons.findIndex(({ sha256 }, place) => digests[place] !== sha256);
  if (at < 0) return undefined;
  return new CallFailed({
    from: 'provider',
    code: 'lexicon-changed',
    message: `the lexicon ${lexicons[at]?.name} ${digests[at] === undefined ? 'is gone' : 'has changed'} since the set was accepted`,
    remedy:
      'Submit the set again: items that use this lexicon are spoken with its current content, the rest are reused.',
    billed: false,
  });
}
