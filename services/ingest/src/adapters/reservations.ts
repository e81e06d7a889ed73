/**
 * Keeps replicas from letting in, at the same moment, sets that only one of them may: who lets a set in under a monthly
 * cap first reserves its cost in one shared document, by compare-and-set, and counts what others have reserved.
 */

import { type Characters, type Position, sumOf } from '@setlist/admission';
import { PROMISES_KEY } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

interface Reservation {
  readonly setId: string;
  readonly characters: Characters;
  /** The broker's clock, ms since 1970. */
  readonly until: number;
}

/** For so long a reservation counts whose set the log doesn't show: an ingest that died in between takes it up again. */
const RESERVED_MS = 600_000;

export interface ReserveDeps {
  readonly log: Pick<EventLog, 'quota' | 'clock'>;
  readonly position: () => Promise<Position>;
}

/**
 * Reserves what a set may cost, unless `refuses` it for what the month has come to.
 * @returns what `refuses` said, if anything
 */
export async function reserve<Refusal>(
  { log, position }: ReserveDeps,
  wanted: { readonly setId: string; readonly characters: Characters },
  refuses: (month: { readonly spent: Characters; readonly open: Characters }) => Refusal | undefined,
): Promise<Refusal | undefined> {
  for (;;) {
    // The document first: a reservation that is gone from it by now is in the log, which is read after it.
    const stored = await log.quota.get<readonly Reservation[]>(PROMISES_KEY);
    const { spent, open, knows } = await position();
    const now = log.clock.now();
    const others = (stored?.value ?? []).filter(
      ({ setId, until }) => setId !== wanted.setId && until > now && !knows(setId),
    );
    const awaited = sumOf(...open.values(), ...others.map(({ characters }) => characters));
    const refusal = refuses({ spent, open: awaited });
    if (refusal !== undefined) return refusal;
    const reserved: Reservation[] = [...others, { ...wanted, until: now + RESERVED_MS }];
    if ((await log.quota.replace(PROMISES_KEY, reserved, stored?.revision ?? 0)) !== undefined)
      return undefined;
  }
}
