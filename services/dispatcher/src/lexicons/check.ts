/** Checks that lexicons are unchanged: their content is part of the sound, but the provider gets only their names. */
import type { Sound } from '@setlist/contracts';
import { asLookUp, CallFailed } from '../adapters/failures.ts';
import type { SettleDeps } from '../settle/deps.ts';

/** @throws CallFailed if a lexicon that the sound names has changed since its set was accepted */
export async function checkLexicons(
  deps: Pick<SettleDeps, 'lexiconsOf'>,
  { provider, lexicons }: Pick<Sound, 'provider' | 'lexicons'>,
): Promise<void> {
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
