/** Keeps the audio that tasks leave in their bucket, as memory has room, retrying if the bucket or the store refuses. */
import { backoffDelayMs, sleep } from '@setlist/runtime';
import type { PaidSound } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import type { Room } from '../tasks/task-audio.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';
import { type Got, keep, READ_AGAIN, RefusedAlone } from './keep.ts';
import { AGAIN_NOW, type Paid, type Turn } from './turn.ts';

/** A task's audio, and its key in the bucket. */
export interface Fetched extends Got {
  readonly key: string;
}

interface KeepJob {
  readonly tasks: Tasks;
  readonly turn: Turn;
  readonly lease: ClaimLease;
}

const UNREADABLE = 'a task’s audio can’t be read; it will be fetched again later';

/**
 * Fetches audio from the bucket as memory has room, and keeps it. An object that can't be read there, for example
 * because it was archived, holds up no others: it is fetched again later. So is audio that alone is refused by the
 * store, even after its payment was noted: it is not held in memory meanwhile.
 * @returns undefined if the audio was not there at first
 */
export async function keepFetched(
  deps: SettleDeps,
  { tasks, turn, lease }: KeepJob,
  fetch: (room: Room) => Promise<Fetched | undefined>,
): Promise<Paid | undefined> {
  const bucket = deps.lineOf(tasks.options.store);
  const { memory } = deps.lineOf(deps.store);
  const { item } = turn;
  let paid: PaidSound | undefined;
  let isSaid = false;
  for (let tries = 1; ; tries++) {
    try {
      using held = new DisposableStack();
      const got = await fetch(async (bytes) => {
        const since = performance.now();
        held.use(await memory.take(bytes, deps.draining));
        item.triedAt += performance.now() - since;
      });
      bucket.fixed(UNREADABLE);
      // After a refusal there is no admission left for starting a task instead.
      if (!got) return tries === 1 ? undefined : AGAIN_NOW;
      const kept = await keep(deps, { turn, lease, ...got, liesIn: 'bucket', paid });
      await removeTaskAudio(deps, tasks, { key: got.key, about: item.is });
      return kept;
    } catch (error) {
      if (error instanceof RefusedAlone) paid = error.paid;
      else if (!(error instanceof StoreError)) throw error;
      // Permissions, credentials or an unavailable bucket can be fixed. Failures of the store are logged by its line.
      else if (!isSaid) isSaid = bucket.warnOnce(error, UNREADABLE, item.is);
    }
    turn.admission[Symbol.dispose]();
    await sleep(backoffDelayMs(tries, READ_AGAIN), deps.draining);
    // Waiting for the bucket or the store doesn't count as trying, nor does waiting for memory.
    item.triedAt = performance.now();
  }
}

/** Removes a task's audio, since the sound has its own copy. If that fails, it only takes up space in the bucket. */
async function removeTaskAudio(
  deps: SettleDeps,
  tasks: Tasks,
  { key, about }: { readonly key: string; readonly about: Item['is'] },
): Promise<void> {
  await tasks.options.store.delete(key).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    deps.logger.warn(
      { ...about, err: error, key },
      'could not remove a task’s audio from its bucket; `setlist gc` will find it',
    );
  });
}
