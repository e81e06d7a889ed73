/**
 * Checks that lexicons are unchanged: their content is part of the sound, but the provider gets only their names. They
 * are looked up before an item's turn, not in it: a look-up that is slow or throttled must not hold up other sets.
 */
import type { Sound } from '@setlist/contracts';
import { settlesWithin, unlessAborted } from '@setlist/runtime';
import { CallFailed } from '../adapters/failures.ts';
import { isThrottled } from '../domain/classify.ts';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';

/** How long a failed look-up counts for its item, in ms, before another is made. */
const FAILURE_COUNTS_MS = 5_000;
/** How far our reading of the broker's clock may be from the time that it gave a request, in ms. */
const CLOCKS_DIFFER_MS = 1_000;
/** How long a look-up counts, in ms, that was made because its item's turn had come: the next turn may be slow to come. */
const AT_ITS_TURN_COUNTS_MS = 60_000;

type LexiconDeps = Pick<SettleDeps, 'lexiconsOf' | 'log'>;

const isNewer = (at: number | undefined, ms: number): boolean =>
  at !== undefined && performance.now() - at < ms;

/**
 * When a look-up has to begin, by `performance.now()`, to show that a lexicon has changed since the item was requested.
 * One that began before the request, or before an upload had surely settled, may have found what was there before.
 */
function changesFrom(deps: LexiconDeps, { request, work }: Item): number {
  const { settlesInMs } = deps.lexiconsOf(request.sound.provider);
  const requestedMsAgo = deps.log.clock.now() - work.record.time.getTime();
  return performance.now() - requestedMsAgo + CLOCKS_DIFFER_MS + settlesInMs;
}

/** Whether the item's turn may begin: it names no lexicons, or what they contain is known, which is noted on the item. */
export function isChecked(deps: LexiconDeps, item: Item): boolean {
  const { request, lexicons: found } = item;
  const { provider, lexicons } = request.sound;
  if (lexicons.length === 0) return true;
  const latest = lexicons.map(({ name }) => deps.lexiconsOf(provider).latest(name));
  if (latest.every((answer) => answer !== undefined)) {
    const from = changesFrom(deps, item);
    const now = performance.now();
    const isSure = latest.every(({ digest, begunAt, settledAt }, place) =>
      digest === lexicons[place]?.sha256 ? settledAt <= now : begunAt >= from,
    );
    const digests = latest.map(({ digest }) => digest);
    if (isSure) item.lexicons = foundIn(lexicons, digests);
    return isSure;
  }
  if (found?.failure && isNewer(found.at, FAILURE_COUNTS_MS)) return true;
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
    const from = changesFrom(deps, item);
    for (const { name, sha256 } of lexicons) await known.recent(name, sha256, from);
    // While one was waited for, another may have changed; most answers are still known.
    const digests: Array<string | undefined> = [];
    for (const { name, sha256 } of lexicons) digests.push(await known.recent(name, sha256, from));
    item.lexicons = { ...foundIn(lexicons, digests), atItsTurn };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const at = performance.now();
    item.lexicons = { at, failure: error };
    if (!isThrottled(error.failure)) item.triedForMs += at - begun;
  }
}

/** Longer than any look-up takes; timers take at most 24 days. */
const A_DAY_MS = 86_400_000;

/** Waits until the item's lexicons were checked, or its deadline has come, which is noted on the item. */
export async function lexiconsChecked(
  deps: LexiconDeps,
  item: Item,
  signal: AbortSignal,
  { atItsTurn = false } = {},
): Promise<void> {
  const leftMs = (item.terms.deadline ?? Number.POSITIVE_INFINITY) - deps.log.clock.now();
  const checked = unlessAborted(checkLexicons(deps, item, { atItsTurn }), signal);
  const isInTime = await settlesWithin(Math.min(Math.max(0, leftMs), A_DAY_MS), checked);
  if (!isInTime && leftMs > 0) item.lexiconsAreLate = true;
}

/** @throws CallFailed if a lexicon has changed since the set was accepted, or could not be looked up */
export function throwIfChanged({ lexicons }: Item): void {
  if (lexicons?.failure) throw lexicons.failure;
}

/** What was found now: a failure if a lexicon's content is not what the set was accepted with. */
function foundIn(
  lexicons: Sound['lexicons'],
  digests: readonly (string | undefined)[],
): NonNullable<Item['lexicons']> {
  const at = performance.now();
  const place = lexicons.findIndex(({ sha256 }, index) => digests[index] !== sha256);
  if (place < 0) return { at };
  const failure = new CallFailed({
    from: 'provider',
    code: 'lexicon-changed',
    message: `the lexicon ${lexicons[place]?.name} ${digests[place] === undefined ? 'is gone' : 'has changed'} since the set was accepted`,
    remedy:
      'Submit the set again: items that use this lexicon are spoken with its current content, the rest are reused.',
    billed: false,
    isLookUp: true,
  });
  return { at, failure };
}
