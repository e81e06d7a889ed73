/** What a lexicon says is a part of the sound that was asked for; the provider is told its name alone. */
import type { Sound } from '@setlist/contracts';
import { asLookUp, CallFailed } from '../adapters/failures.ts';
import type { SettleDeps } from '../settle/deps.ts';

/** Throws where a lexicon that the sound names is no longer what it was when its set was accepted. */
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
        'Submit the set again: what names this lexicon is spoken as it says now, and all else is reused.',
      billed: false,
    });
  }
}

function ofLookUp(error: unknown): never {
  throw asLookUp(error);
}
