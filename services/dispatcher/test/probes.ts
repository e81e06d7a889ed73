/** Reads what tests check: outcomes, the ledger, and the engine's calls and billing. */
import { type EventData, type EventOf, subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import type { Rig } from './rig.ts';

/** The outcomes of a set so far, in the log's order. */
export async function outcomesOf(rig: Rig, setId: string) {
  const outcomes: Array<{ name: string; data: EventData<'ItemCompleted'> | EventData<'ItemFailed'> }> = [];
  for await (const { event } of rig.log.read({
    subjects: [`${subjects.ofSet(setId).slice(0, -1)}outcome.>`],
  })) {
    if (event?.name === 'ItemCompleted' || event?.name === 'ItemFailed') outcomes.push(event);
  }
  return outcomes;
}

export interface Calls {
  readonly ok: number;
  readonly refused: number;
  readonly throttled: number;
  readonly failed: number;
  readonly cut: number;
  readonly inFlight: number;
  readonly peakInFlight: number;
}

export interface EngineStats {
  readonly throttled: number;
  readonly billedCharacters: number;
  readonly tasksStarted: number;
  readonly calls: Readonly<Record<string, Calls>>;
  /** How often each sound was paid for and delivered completely. */
  readonly sounds: Readonly<Record<string, number>>;
  /** How often each sound was paid for without a complete reply. */
  readonly lostSounds: Readonly<Record<string, number>>;
}

/** The engine's calls and billing. */
export async function engineStats(rig: Rig): Promise<EngineStats> {
  const reply = await fetch(`${rig.engineUrl}/_local/stats?calls=1`);
  return (await reply.json()) as EngineStats;
}

/** The sounds that were paid for and delivered completely more than once. */
export const paidTwice = (stats: EngineStats): string[] =>
  Object.entries(stats.sounds).flatMap(([key, count]) => (count > 1 ? [key] : []));

/** Waits until a set has `count` outcomes, and returns all of them. */
export const settled = (rig: Rig, setId: string, count: number, deadlineMs = 60_000) =>
  eventually(
    async () => {
      const outcomes = await outcomesOf(rig, setId);
      if (outcomes.length < count) throw new Error(`${setId}: ${outcomes.length} of ${count} outcomes`);
      return outcomes;
    },
    { deadlineMs, everyMs: 50 },
  );

type SoundEvent =
  | EventOf<'SoundClaimed'>
  | EventOf<'SoundTaskStarted'>
  | EventOf<'SoundPaid'>
  | EventOf<'SoundFreed'>;

/** The events of one sound, or of all. */
export async function soundEvents(rig: Pick<Rig, 'log'>, hash = '*'): Promise<SoundEvent[]> {
  const events: SoundEvent[] = [];
  for await (const { event } of rig.log.read({ subjects: [subjects.sound(hash)] })) {
    if (event?.name.startsWith('Sound')) events.push(event as SoundEvent);
  }
  return events;
}

/** The last payment of each sound, by hash. */
export async function payments(rig: Rig): Promise<Map<string, EventData<'SoundPaid'>>> {
  const paid = new Map<string, EventData<'SoundPaid'>>();
  for (const event of await soundEvents(rig))
    if (event.name === 'SoundPaid') paid.set(event.data.hash, event.data);
  return paid;
}

export interface Faults {
  readonly throttle?: number;
  readonly serverError?: number;
  readonly cut?: number;
  readonly latencyMs?: readonly [least: number, most: number];
  readonly seed?: number;
}

/** Sets the engine's faults; `{}` ends them. */
export async function setFaults(rig: Rig, faults: Faults): Promise<void> {
  const reply = await fetch(`${rig.engineUrl}/_local/faults`, {
    method: 'PUT',
    body: JSON.stringify(faults),
  });
  if (!reply.ok) throw new Error(`the engine refused the faults: ${await reply.text()}`);
}

/** The calls of one operation and engine so far. */
export async function callsOf(rig: Rig, name = 'SynthesizeSpeech/standard'): Promise<Calls> {
  const calls = (await engineStats(rig)).calls[name];
  const none = { ok: 0, refused: 0, throttled: 0, failed: 0, cut: 0, inFlight: 0 };
  return calls ?? { ...none, peakInFlight: 0 };
}

const STILL_MS = 2_000;

/** Waits until a number has been the same for {@link STILL_MS}. */
export async function onceStill(count: () => Promise<number>): Promise<number> {
  let last = -1;
  let since = performance.now();
  return eventually(
    async () => {
      const now = await count();
      if (now !== last) since = performance.now();
      last = now;
      return performance.now() - since > STILL_MS && now;
    },
    { everyMs: 100 },
  );
}

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
