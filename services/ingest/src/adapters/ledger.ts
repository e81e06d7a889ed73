/** Asks the log and the dispatchers what a plan has to know: who paid for which sound, and what stands in lexicons. */
import {
  LEXICONS_QUESTION,
  type LexiconQuestion,
  lexiconAnswer,
  type Provider,
  querySubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

const LOOKUPS_AT_ONCE = 64;
const NAMES_PER_QUESTION = 100;
/** A dispatcher asks Polly for each name, five a second at most. */
const ANSWER_WITHIN_MS = 60_000;

/** A dispatcher answered that it can't say. */
export class LexiconsUnknown extends Error {
  override readonly name = 'LexiconsUnknown';
  readonly code = 'lexicons-unknown';
  readonly remedy = 'See the dispatchers: they need to reach the provider and may read its lexicons.';
}

/** Which of these sounds the ledger says are paid for. */
export async function paidAmong(
  log: Pick<EventLog, 'last'>,
  hashes: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const paid = new Set<string>();
  const waiting = new Set(hashes).values();
  const lookUp = async (): Promise<void> => {
    for (const hash of waiting) {
      const last = await log.last(subjects.sound(hash));
      if (last?.event?.name === 'SoundPaid') paid.add(hash);
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, lookUp));
  return paid;
}

/**
 * SHA-256 of each lexicon's content; those that don't exist are left out.
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
    const reply = await log.ask(querySubject(LEXICONS_QUESTION), question, ANSWER_WITHIN_MS);
    const answer = lexiconAnswer.parse(reply);
    if (answer.error !== undefined) throw new LexiconsUnknown(`lexicons can't be read: ${answer.error}`);
    for (const [name, digest] of Object.entries(answer.digests)) digests.set(name, digest);
  }
  return digests;
}
