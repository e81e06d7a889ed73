/** Keeping what a task has left in its bucket: a few at a time, and again later where the bucket or the store refuses it. */
import { backoffDelayMs, sleep } from '@setlist/runtime';
import type { PaidSound } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import type { Tenure } from '../ledger/tenure.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { SettleDeps } from './deps.ts';
import { type Got, keep, RefusedAlone } from './keep.ts';
import { AGAIN_NOW, type Paid, type Turn } from './turn.ts';

/** Audio of a task, and its key in the bucket. */
export interface Fetched extends Got {
  readonly key: string;
}

interface KeepJob {
  readonly tasks: Tasks;
  readonly turn: Turn;
  readonly tenure: Tenure;
}

const FETCH_AGAIN = { baseMs: 1_000, capMs: 60_000 };
const UNREADABLE = 'a task’s audio can’t be read; it is fetched again later';

/**
 * Keeps what lies in the bucket, from which it is fetched in its turn; nothing where it is gone. What can't be read there,
 * as an object that was archived, keeps nobody else from his turn: it is fetched again later. So is what the store refuses
 * alone, be it that it loses it again after the payment was noted: that is let go of.
 */
export async function keepFetched(
  deps: SettleDeps,
  { tasks, turn, tenure }: KeepJob,
  fetch: () => Promise<Fetched | undefined>,
): Promise<Paid | undefined> {
  const bucket = deps.lineOf(tasks.options.store);
  let paid: PaidSound | undefined;
  let isSaid = false;
  for (let tries = 1; ; tries++) {
    try {
      using _place = await tasks.fetching.take(deps.draining);
      const got = await fetch();
      bucket.mended(UNREADABLE);
      // Once refused it has no admission any more, under which a task could be started instead.
      if (!got) return tries === 1 ? undefined : AGAIN_NOW;
      const kept = await keep(deps, { turn, tenure, ...got, liesIn: 'bucket', paid });
      await removeTaskAudio(deps, tasks, got.key);
      return kept;
    } catch (error) {
      if (error instanceof RefusedAlone) paid = error.paid;
      else if (!(error instanceof StoreError)) throw error;
      // Somebody can mend it: rights, credentials, a bucket that is away. What a store can't take it says itself.
      else if (!isSaid) isSaid = bucket.warnOnce(error, UNREADABLE, turn.item.is);
    }
    turn.admission[Symbol.dispose]();
    await sleep(backoffDelayMs(tries, FETCH_AGAIN), deps.draining);
  }
}

/** The sound has its own copy. What can't be removed now costs its place in the bucket, and nothing else. */
async function removeTaskAudio(deps: SettleDeps, tasks: Tasks, key: string): Promise<void> {
  await tasks.options.store.delete(key).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    deps.logger.warn({ err: error, key }, 'a task’s own audio could not be removed; `setlist gc` finds it');
  });
}
