/** Asks log and store what a plan has to know: which sounds are paid for and there. */
import { namesItsAudio } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { standingPayment } from '@setlist/sounds';
import type { PlannedItem } from '../domain/plan-set.ts';
import { type Characters, NO_CHARACTERS, sumOf } from '../domain/prices.ts';
import { SeenHashes } from '../domain/seen-hashes.ts';
import type { StoredAudio } from './stored-audio.ts';

const LOOKUPS_AT_ONCE = 64;

/** Where it is looked up what a sound would cost. */
export interface SoundSources {
  readonly log: Pick<EventLog, 'last' | 'first'>;
  /** Nothing where nobody says where the store is: then all audio counts as there. */
  readonly audio: StoredAudio | undefined;
  /** Ends the work, with its own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Hashes of sounds that are paid for; those of `gone` are to be paid again, since their audio is not in the store. */
export interface KnownSounds {
  readonly paid: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/**
 * What log and store know of these sounds.
 * @throws StoreError where the store can't be asked
 */
export async function knownSounds(
  { log, audio, signal }: SoundSources,
  hashes: Iterable<string>,
): Promise<KnownSounds> {
  const paid = new Set<string>();
  const gone = new Set<string>();
  await inParallel(new Set(hashes), LOOKUPS_AT_ONCE, async (hash) => {
    signal?.throwIfAborted();
    const payment = await standingPayment(log, hash);
    if (payment === undefined) return;
    paid.add(hash);
    const { object, bytes } = payment.paid;
    const isThere = !audio || (await audio.holds({ seq: payment.seq, object, bytes }));
    if (!namesItsAudio(payment.paid) || !isThere) gone.add(hash);
  });
  return { paid, gone };
}

/** Characters by engine. */
export interface ToPay {
  /** What is gone from the store included. */
  readonly unpaid: Characters;
  /** Paid for once, and gone from the store. */
  readonly gone: Characters;
}

/**
 * What these items would newly pay: each sound once and, unless all is recorded anew, only sounds that nobody has paid for
 * or whose audio is gone.
 * @throws StoreError where the store can't be asked
 */
export async function charactersToPay(
  sources: SoundSources,
  items: AsyncIterable<readonly PlannedItem[]>,
  fresh: boolean,
): Promise<ToPay> {
  const seen = new SeenHashes();
  let unpaid = NO_CHARACTERS;
  let gone = NO_CHARACTERS;
  for await (const some of items) {
    const wanted = some.filter(({ hash }) => seen.add(hash));
    const hashes = fresh ? [] : wanted.map(({ hash }) => hash);
    const known = await knownSounds(sources, hashes);
    for (const { hash, lane, billedCharacters } of wanted) {
      const characters = { [lane]: billedCharacters };
      if (known.gone.has(hash)) gone = sumOf(gone, characters);
      if (!known.paid.has(hash) || known.gone.has(hash)) unpaid = sumOf(unpaid, characters);
    }
  }
  return { unpaid, gone };
}
