/**
 * Removes audio that a survey found, said in the log before it is done, so that whoever reuses the sound at this very
 * moment finds it freed, or missing, and looks again.
 *
 *     paid ──▶ freed (collected) ──▶ object deleted        a crash in between leaves an object that the next survey finds
 *
 * The order is not symmetric: the other way round a sound would count as paid without its audio, and its next payment
 * as a second one.
 *
 * Nothing holds a payment off between the two: what one stored there meanwhile goes as well, which a look afterwards tells.
 */
import { hashOfAudioKey } from '@setlist/contracts';
import { inParallel } from '@setlist/runtime';
import { hashOfProbe } from '../domain/places.ts';
import { noteCollected } from '../ledger/by-hand.ts';
import { readSound, standingPayment } from '../ledger/payments.ts';
import type { Holdings, LeftOver, Survey } from './survey.ts';
import { UsesSince } from './uses.ts';

/**
 * What became of one object: `kept` where somebody has had to do with its sound since the survey; `crossed` where it went
 * although it was paid for meanwhile, so that whoever wants it next makes it again.
 */
export interface Removal {
  readonly key: string;
  readonly bytes: number;
  readonly did: 'removed' | 'kept' | 'crossed';
}

const AT_ONCE = 16;
/** Sounds between two looks at what sets have asked for meanwhile. */
const CHUNK = 500;

/**
 * Removes unused sounds that are unused still; none while a set is not asked for in full, since it may want any of them.
 * @param by who removes, as the log will have it
 */
export async function* removeUnused(
  holdings: Holdings,
  { unused, unasked, seq }: Pick<Survey, 'unused' | 'unasked' | 'seq'>,
  by: string,
): AsyncGenerator<Removal> {
  const uses = new UsesSince(holdings.log, seq);
  for (let from = 0; from < unused.length; from += CHUNK) {
    await uses.readOn();
    yield* removeEach(holdings, unused.slice(from, from + CHUNK), async (sound) => {
      if (unasked.length > 0 || uses.mayWant(sound.hash)) return false;
      return noteCollected(holdings.log, { ...sound, by });
    });
  }
}

/** Removes what crashes have left, where the ledger still points elsewhere. */
export async function* removeLeftOvers(
  holdings: Holdings,
  leftOvers: readonly LeftOver[],
): AsyncGenerator<Removal> {
  for (let from = 0; from < leftOvers.length; from += CHUNK) {
    yield* removeEach(holdings, leftOvers.slice(from, from + CHUNK), async ({ key, hash }) => {
      const state = await readSound(holdings.log, hash);
      if (state.kind === 'freed') return state.standing === undefined;
      return state.kind === 'paid' && state.paid.object !== key;
    });
  }
}

/** Only what is named as our audio is ever deleted here, whatever the caller says; no payment names what only tried the store. */
async function* removeEach<T extends LeftOver>(
  holdings: Holdings,
  objects: readonly T[],
  mayGo: (object: T) => Promise<boolean>,
): AsyncGenerator<Removal> {
  const removals: Removal[] = [];
  await inParallel(objects, AT_ONCE, async (object) => {
    const { key, bytes, hash } = object;
    const isOurs = hashOfAudioKey(key) === hash && (await mayGo(object));
    const goes = isOurs || hashOfProbe(key) === hash;
    removals.push({ key, bytes, did: goes ? await remove(holdings, object) : 'kept' });
  });
  yield* removals;
}

/** A payment that stored its audio only after the removal has it still. */
async function remove({ log, store }: Holdings, { hash, key }: LeftOver): Promise<Removal['did']> {
  await store.delete(key);
  const payment = await standingPayment(log, hash);
  const isGone = payment?.paid.object === key && (await store.head(key)) === undefined;
  return isGone ? 'crossed' : 'removed';
}
