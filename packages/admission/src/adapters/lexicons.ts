/** Asks dispatchers what stands in lexicons: only they reach the provider. */
import { type LexiconQuestion, lexiconAnswer, lexiconsSubject, type Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

const NAMES_PER_QUESTION = 100;
/** A dispatcher asks Polly for each name, five a second at most. */
const ANSWER_WITHIN_MS = 60_000;

/** A dispatcher answered that it can't say. */
class LexiconsUnknown extends Error {
  override readonly name = 'LexiconsUnknown';
  readonly code = 'lexicons-unknown';
  readonly remedy = 'See the dispatchers: they need to reach the provider and may read its lexicons.';
}

/**
 * SHA-256 of each lexicon's content; those that don't exist are left out. Nobody is asked where there are no names.
 * @throws NobodyAnswers, BrokerUnavailable or {@link LexiconsUnknown}: ask again later
 */
export async function lexiconDigests(
  log: Pick<EventLog, 'ask'>,
  provider: Provider,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const all = [...names];
  for (let from = 0; from < all.length; from += NAMES_PER_QUESTION) {
    const question: LexiconQuestion = { provider, names: all.slice(from, from + NAMES_PER_QUESTION) };
    const reply = await log.ask(lexiconsSubject(provider), question, ANSWER_WITHIN_MS);
    const answer = lexiconAnswer.parse(reply);
    if (answer.error !== undefined) throw new LexiconsUnknown(`lexicons can't be read: ${answer.error}`);
    for (const [name, digest] of Object.entries(answer.digests)) digests.set(name, digest);
  }
  return digests;
}
