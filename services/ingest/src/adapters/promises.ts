/**
 * Keeps replicas from letting in, at the same moment, sets that only one of them may: who lets a set in under a monthly
 * cap first promises its cost in one shared document, by compare-and-set, and counts what others have promised.
 */

import { type Characters, type Position, sumOf } from '@setlist/admission';
import { PROMISES_KEY } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

interface Promised {
  readonly setId: string;
  readonly characters: Characters;
  /** The broker's clock, ms since 1970. */
  readonly until: number;
}

/** For so long a promise counts whose set the log doesn't show: an ingest that died in between takes it up again. */
const PROMISE_MS = 600_000;

export interface PromiseDeps {
  readonly log: Pick<EventLog, 'quota' | 'clock'>;
  readonly position: () => Promise<Position>;
}

/**
 * Promises what a set may cost, unless `refuses` it for what the month has come to.
 * @returns what `refuses` said, if anything
 */
export async function promise<Refusal>(
  { log, position }: PromiseDeps,
  wanted: { readonly setId: string; readonly characters: Characters },
  refuses: (month: { readonly spent: Characters; readonly open: Characters }) => Refusal | undefined,
): Promise<Refusal | undefined> {
  for (;;) {
    // The document first: a promise that is gone from it by now is in the log, which is read after it.
    const stored = await log.quota.get<readonly Promised[]>(PROMISES_KEY);
    const { spent, open, knows } = await position();
    const now = log.clock.now();
    const others = (stored?.value ?? []).filter(
      ({ setId, until }) => setId !== wanted.setId && until > now && !knows(setId),
    );
    const awaited = sumOf(...open.values(), ...others.map(({ characters }) => characters));
    const refusal = refuses({ spent, open: awaited });
    if (refusal !== undefined) return refusal;
    const promised: Promised[] = [...others, { ...wanted, until: now + PROMISE_MS }];
    if ((await log.quota.replace(PROMISES_KEY, promised, stored?.revision ?? 0)) !== undefined)
      return undefined;
  }
}
