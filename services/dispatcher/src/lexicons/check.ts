/**
 * Checks that lexicons are unchanged: their content is part of the sound, but the provider gets only their names. They
 * are looked up before an item's turn, not in it: a look-up that is slow or throttled must not hold up other sets.
 */
import type { Sound } from '@setlist/contracts';
import { asLookUp, CallFailed } from '../adapters/failures.ts';
import { isThrottled } from '../domain/classify.ts';
import type { SettleDeps } from '../settle/deps.ts';
import type { Item } from '../settle/item.ts';

/** How long a check counts, in ms, until the item's turn begins. The digest may have been as old already. */
const COUNTS_MS = 5_000;

type LexiconDeps = Pick<SettleDeps, 'lexiconsOf'>;

/** Whether the item's turn may begin: its lexicons, if it names any, were checked a moment ago. */
export const isChecked = ({ request, lexicons }: Item): boolean =>
  request.sound.lexicons.length === 0 ||
  (lexicons !== undefined && performance.now() - lexicons.at < COUNTS_MS);

/** Looks up the item's lexicons, which can take long, and notes on the item what came of it. */
export async function checkLexicons(deps: LexiconDeps, item: Item): Promise<void> {
  const begun = performance.now();
  try {
    await compare(deps, item.request.sound);
    item.lexicons = { at: performance.now() };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const at = performance.now();
    item.lexicons = { at, failure: error };
    if (!isThrottled(error.failure)) item.triedForMs += at - begun;
  }
}

/** @throws CallFailed if a lexicon has changed since the set was accepted, or could not be looked up */
export function throwIfChanged({ lexicons }: Item): void {
  if (lexicons?.failure) throw lexicons.failure;
}

async function compare(deps: LexiconDeps, { provider, lexicons }: Sound): Promise<void> {
  for (const { name, sha256 } of lexicons) {
    const now = await deps.lexiconsOf(provider)?.recent(name).catch(ofLookUp);
    if (now === sha256) continue;
    throw new CallFailed({
      from: 'provider',
      code: 'lexicon-changed',
      message: `the lexicon ${name} ${now === undefined ? 'is gone' : 'has changed'} since the set was accepted`,
      remedy:
        'Submit the set again: items that use this lexicon are spoken with its current content, the rest are reused.',
      billed: false,
    });
  }
}

function ofLookUp(error: unknown): never {
  throw asLookUp(error);
}
