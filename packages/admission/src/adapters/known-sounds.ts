/** Finds out from log and store which sounds are paid for and stored. */
import { DigestTable, digestOf, namesItsAudio } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { standingPayment } from '@setlist/sounds';
import type { PlannedItem } from '../domain/plan-set.ts';
import { type Characters, NO_CHARACTERS, sumOf } from '../domain/prices.ts';
import type { StoredAudio } from './stored-audio.ts';

const LOOKUPS_AT_ONCE = 64;

/** Where to look up whether a sound has to be paid for. */
export interface SoundSources {
  /** `undefined` where there is no log yet: then nothing is paid for. */
  readonly log: Pick<EventLog, 'last' | 'first'> | undefined;
  /** `undefined` where the store is not known: then all audio counts as stored. */
  readonly audio: StoredAudio | undefined;
  /** Ends the work, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Hashes of paid sounds; those in `gone` have to be paid for again, since their audio is not in the store. */
export interface KnownSounds {
  readonly paid: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/**
 * Which of these sounds are paid for, and which of those are gone from the store.
 * @throws StoreError where the store can't be reached
 */
export async function knownSounds(
  { log, audio, signal }: SoundSources,
  hashes: Iterable<string>,
): Promise<KnownSounds> {
  const paid = new Set<string>();
  const gone = new Set<string>();
  if (log === undefined) return { paid, gone };
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
  /** All characters to pay for, including those in `gone`. */
  readonly unpaid: Characters;
  /** Those that had been paid for, but whose audio is gone from the store. */
  readonly gone: Characters;
}

/**
 * What these items would have to pay for: each sound once and, unless everything is recorded again, only sounds that
 * are not paid for or whose audio is gone.
 * @throws StoreError where the store can't be reached
 */
export async function charactersToPay(
  sources: SoundSources,
  items: AsyncIterable<readonly PlannedItem[]>,
  fresh: boolean,
): Promise<ToPay> {
  const seen = new DigestTable();
  let unpaid = NO_CHARACTERS;
  let gone = NO_CHARACTERS;
  for await (const some of items) {
    const wanted = some.filter(({ hash }) => seen.add(digestOf(hash), 1) === undefined);
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
