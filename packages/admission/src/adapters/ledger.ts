/** Asks the log and the dispatchers what a plan has to know: who paid for which sound, and what stands in lexicons. */
import {
  type LexiconQuestion,
  lexiconAnswer,
  lexiconsSubject,
  type Provider,
  subjects,
} from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import type { PlannedItem } from '../domain/plan-set.ts';
import { type Characters, NO_CHARACTERS, sumOf } from '../domain/prices.ts';
import { SeenHashes } from '../domain/seen-hashes.ts';

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
      if (isPaid(last)) paid.add(hash);
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, lookUp));
  return paid;
}

/** While a sound is recorded anew, its earlier payment goes on standing. */
function isPaid(last: Recorded | undefined): boolean {
  const event = last?.event;
  if (event?.name === 'SoundPaid') return true;
  return event !== undefined && 'standing' in event.data && event.data.standing !== undefined;
}

/**
 * Characters by engine that these items would newly pay: each sound once and, unless all is recorded anew, only sounds
 * that nobody has paid for.
 */
export async function unpaidCharacters(
  log: Pick<EventLog, 'last'>,
  items: AsyncIterable<readonly PlannedItem[]>,
  fresh: boolean,
): Promise<Characters> {
  const seen = new SeenHashes();
  let unpaid = NO_CHARACTERS;
  for await (const some of items) {
    const wanted = some.filter(({ hash }) => seen.add(hash));
    const paid = fresh
      ? new Set()
      : await paidAmong(
          log,
          wanted.map(({ hash }) => hash),
        );
    for (const { hash, lane, billedCharacters } of wanted) {
      if (!paid.has(hash)) unpaid = sumOf(unpaid, { [lane]: billedCharacters });
    }
  }
  return unpaid;
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
    const reply = await log.ask(lexiconsSubject(provider), question, ANSWER_WITHIN_MS);
    const answer = lexiconAnswer.parse(reply);
    if (answer.error !== undefined) throw new LexiconsUnknown(`lexicons can't be read: ${answer.error}`);
    for (const [name, digest] of Object.entries(answer.digests)) digests.set(name, digest);
  }
  return digests;
}
