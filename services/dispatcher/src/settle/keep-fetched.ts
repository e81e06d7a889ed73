/** Keeping what a task has left in its bucket: a few at a time, and again later where the store refuses just that. */
import { backoffDelayMs, sleep } from '@setlist/runtime';
import { StoreError } from '@setlist/storage';
import type { Tenure } from '../ledger/tenure.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { SettleDeps } from './deps.ts';
import { type Got, keep } from './keep.ts';
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

/**
 * Keeps what lies in the bucket, from which it is fetched in its turn; nothing where it is gone. What the store refuses
 * alone is let go of, and fetched again later.
 */
export async function keepFetched(
  deps: SettleDeps,
  { tasks, turn, tenure }: KeepJob,
  fetch: () => Promise<Fetched | undefined>,
): Promise<Paid | undefined> {
  const refused = new Error('the store refuses this audio alone');
  const onRefused = (): never => {
    throw refused;
  };
  for (let tries = 1; ; tries++) {
    try {
      using _place = await tasks.fetching.take(deps.draining);
      const got = await fetch();
      // Once refused it has no admission any more, under which a task could be started instead.
      if (!got) return tries === 1 ? undefined : AGAIN_NOW;
      const paid = await keep(deps, { turn, tenure, ...got, onRefused });
      await removeTaskAudio(deps, tasks, got.key);
      return paid;
    } catch (error) {
      if (error !== refused) throw error;
    }
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
