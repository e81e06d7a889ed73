/** Passes many moments through a few systems at once: while one waits for a dead process's claims, another works. */
import { messageOf } from '@setlist/runtime';
import { KillLab } from './kill-lab.ts';
import { type Moment, momentOf } from './moments.ts';
import type { Result } from './summary.ts';

export interface RunOptions {
  readonly seed: number;
  /** Which of the seed's moments. */
  readonly numbers: readonly number[];
  /** How many systems run side by side. */
  readonly labs: number;
  readonly onReady?: (undisturbedMs: number) => void;
  readonly onResult: (result: Result) => void;
}

/** Each free system takes the next moment. One that was not got over ends its system, and a fresh one goes on. */
export async function runMoments({ seed, numbers, labs, onReady, onResult }: RunOptions): Promise<void> {
  const moments = numbers.map((number) => momentOf(seed, number)).values();
  const work = async (): Promise<void> => {
    for (let isOver = false; !isOver; ) {
      await using lab = await KillLab.start(seed);
      onReady?.(lab.undisturbedMs);
      isOver = await workIn(lab, moments, onResult);
    }
  };
  await Promise.all(Array.from({ length: Math.min(labs, numbers.length) }, work));
}

/** @returns whether no moment is left, rather than the system in doubt */
async function workIn(
  lab: KillLab,
  moments: IteratorObject<Moment>,
  onResult: RunOptions['onResult'],
): Promise<boolean> {
  for (let next = moments.next(); !next.done; next = moments.next()) {
    const moment = next.value;
    try {
      onResult({ moment, ...(await lab.pass(moment)) });
    } catch (error) {
      onResult({ moment, wrong: [messageOf(error)] });
      return false;
    }
  }
  return true;
}
