/**
 * Removes audio that a survey found. The removal is logged before the audio is deleted, so that a dispatcher that
 * reuses the sound at the same moment finds it freed, or missing, and looks again.
 *
 *     paid ──▶ freed (collected) ──▶ object deleted      a crash in between leaves an object that the next survey finds
 *
 * In the other order, a crash would leave a sound that counts as paid without its audio, and its next payment would
 * count as a second one.
 *
 * Nothing prevents a payment between the two: audio stored meanwhile is deleted too, which a check afterwards finds.
 */
import { hashOfAudioKey } from '@setlist/contracts';
import { inParallel } from '@setlist/runtime';
import { hashOfProbe } from '../domain/places.ts';
import { mayHaveLeftAudio } from '../domain/sound-life.ts';
import { noteCollected } from '../ledger/by-hand.ts';
import { readSound, standingPayment } from '../ledger/payments.ts';
import type { Holdings, LeftOver, Survey } from './survey.ts';
import { UsesSince } from './uses.ts';

/**
 * What became of one object: `kept` where its sound has been used or changed since the survey; `crossed` where it was
 * deleted although it was paid for meanwhile, so that the next set that wants it makes it again.
 */
export interface Removal {
  readonly key: string;
  readonly bytes: number;
  readonly did: 'removed' | 'kept' | 'crossed';
}

const AT_ONCE = 16;
/** Number of sounds to remove between two checks of what sets have requested meanwhile. */
const CHUNK = 500;

/**
 * Removes the sounds that are still unused; none while a set is not requested in full, since it may want any of them.
 * @param by name of the removing command, for the log
 * @param signal ends the work before the next sound; what was done until then is still yielded
 */
export async function* removeUnused(
  holdings: Holdings,
  { unused, unasked, seq }: Pick<Survey, 'unused' | 'unasked' | 'seq'>,
  by: string,
  signal?: AbortSignal,
): AsyncGenerator<Removal> {
  const uses = new UsesSince(holdings.log, seq);
  for (let from = 0; from < unused.length && !signal?.aborted; from += CHUNK) {
    await uses.readOn();
    const mayGo = async (sound: Survey['unused'][number]): Promise<boolean> => {
      if (unasked.length > 0 || uses.mayWant(sound.hash)) return false;
      return noteCollected(holdings.log, { ...sound, by });
    };
    yield* removeEach(holdings, unused.slice(from, from + CHUNK), mayGo, signal);
  }
}

/** Removes what crashes have left, where the ledger still does not point to it. The signal as in {@link removeUnused}. */
export async function* removeLeftOvers(
  holdings: Holdings,
  leftOvers: readonly LeftOver[],
  signal?: AbortSignal,
): AsyncGenerator<Removal> {
  const mayGo = async ({ key, hash }: LeftOver): Promise<boolean> => {
    const state = await readSound(holdings.log, hash);
    if (state.kind === 'freed') return state.standing === undefined && !mayHaveLeftAudio(state);
    return state.kind === 'paid' && state.paid.object !== key;
  };
  for (let from = 0; from < leftOvers.length && !signal?.aborted; from += CHUNK)
    yield* removeEach(holdings, leftOvers.slice(from, from + CHUNK), mayGo, signal);
}

/** Deletes only objects named like our audio or probes, whatever the caller says. No payment ever names a probe. */
async function* removeEach<T extends LeftOver>(
  holdings: Holdings,
  objects: readonly T[],
  mayGo: (object: T) => Promise<boolean>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Removal> {
  const removals: Removal[] = [];
  try {
    await inParallel(objects, AT_ONCE, async (object) => {
      if (signal?.aborted) return;
      const { key, bytes, hash } = object;
      const isOurs = hashOfAudioKey(key) === hash && (await mayGo(object));
      const goes = isOurs || hashOfProbe(key) === hash;
      removals.push({ key, bytes, did: goes ? await remove(holdings, object) : 'kept' });
    });
  } finally {
    // After a failure too: these are gone for good.
    yield* removals;
  }
}

/** `crossed` only where the audio is gone: a payment that stored its audio after the removal still has it. */
async function remove({ log, store }: Holdings, { hash, key }: LeftOver): Promise<Removal['did']> {
  await store.delete(key);
  const payment = await standingPayment(log, hash);
  const isGone = payment?.paid.object === key && (await store.head(key)) === undefined;
  return isGone ? 'crossed' : 'removed';
}
