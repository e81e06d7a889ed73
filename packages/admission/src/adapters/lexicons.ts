/** Asks dispatchers for the digests of lexicons: only they call Polly. */
import { type LexiconQuestion, lexiconAnswer, lexiconsSubject, type Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/** Few, so that an answer comes in time although other questions, which share the dispatchers' rate, are under way. */
const NAMES_PER_QUESTION = 10;
/** How long, in ms, to wait for an answer: a dispatcher asks Polly for each name, at most five a second. */
const ANSWER_WITHIN_MS = 60_000;

/** A dispatcher answered that it can't read the lexicons. */
export class LexiconsUnknown extends Error {
  override readonly name = 'LexiconsUnknown';
  readonly code = 'lexicons-unknown';
  readonly remedy =
    'Check the dispatchers ("setlist up" contains one): they need access to the provider, for Polly with credentials that have not expired, and permission to read its lexicons.';
}

/**
 * SHA-256 of each lexicon's content; those that don't exist are left out. Without names, no request is sent.
 * @throws NobodyAnswers, BrokerUnavailable or {@link LexiconsUnknown}: all can be retried later
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
