/**
 * Keeps sets that are accepted at the same moment, here or by other replicas, from exceeding the monthly cap together, or
 * from using the same free characters: before a set is accepted, its cost is reserved in one shared document, by
 * compare-and-set, and what others have reserved is counted.
 */

import { type Characters, type Position, sumOf } from '@setlist/admission';
import { RESERVATIONS_KEY } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

interface Reservation {
  readonly setId: string;
  readonly characters: Characters;
  /** The broker's clock, ms since 1970. */
  readonly until: number;
}

/** How long a reservation counts before the log shows its set: an ingest that died in between reserves again. */
const RESERVED_MS = 600_000;

export interface ReserveDeps {
  readonly log: Pick<EventLog, 'coordination' | 'clock'>;
  readonly position: () => Promise<Position>;
}

/**
 * Reserves what a set may cost, unless `refuses` returns a reason not to, given what the month has cost so far.
 * If another replica changes the document first, it is read again, and `refuses` asked again. Waits for a broker that
 * doesn't answer.
 * @returns what `refuses` returned, if anything
 * @throws DocumentUnreadable, and whatever `position` throws
 */
export async function reserve<Refusal>(
  { log, position }: ReserveDeps,
  wanted: { readonly setId: string; readonly characters: Characters },
  refuses: (month: { readonly spent: Characters; readonly open: Characters }) => Refusal | undefined,
): Promise<Refusal | undefined> {
  for (;;) {
    // The document is read before the log: a set whose reservation is already gone from it is then in the log.
    const stored = await log.coordination.get<readonly Reservation[]>(RESERVATIONS_KEY);
    const { spent, open, knows } = await position();
    const now = log.clock.now();
    const others = (stored?.value ?? []).filter(
      ({ setId, until }) => setId !== wanted.setId && until > now && !knows(setId),
    );
    const awaited = sumOf(...open.values(), ...others.map(({ characters }) => characters));
    const refusal = refuses({ spent, open: awaited });
    if (refusal !== undefined) return refusal;
    const reserved: Reservation[] = [...others, { ...wanted, until: now + RESERVED_MS }];
    if ((await log.coordination.replace(RESERVATIONS_KEY, reserved, stored?.revision ?? 0)) !== undefined)
      return undefined;
  }
}

/**
 * Gives back what was reserved for a set that does not begin; nothing happens if nothing is. As {@link reserve}, it tries
 * again after another replica's change, and waits for the broker.
 * @throws DocumentUnreadable
 */
export async function release({ coordination }: Pick<EventLog, 'coordination'>, id: string): Promise<void> {
  for (;;) {
    const stored = await coordination.get<readonly Reservation[]>(RESERVATIONS_KEY);
    if (!stored?.value.some(({ setId }) => setId === id)) return;
    const others = stored.value.filter(({ setId }) => setId !== id);
    if ((await coordination.replace(RESERVATIONS_KEY, others, stored.revision)) !== undefined) return;
  }
}
