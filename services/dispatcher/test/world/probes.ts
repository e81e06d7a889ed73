/** Reads what tests check: outcomes, the ledger, and the engine's calls. */
import { type EventData, type EventOf, subjects } from '@setlist/contracts';
import { type EngineCalls, type EngineStats, engineStats, eventually } from '@setlist/testkit';
import type { Rig } from './rig.ts';

/** The outcomes of a set so far, in the log's order. */
export async function outcomesOf(rig: Rig, setId: string) {
  const outcomes: Array<{
    seq: number;
    name: string;
    data: EventData<'ItemCompleted'> | EventData<'ItemFailed'>;
  }> = [];
  for await (const { seq, event } of rig.log.read({
    subjects: [`${subjects.ofSet(setId).slice(0, -1)}outcome.>`],
  })) {
    if (event?.name === 'ItemCompleted' || event?.name === 'ItemFailed') outcomes.push({ ...event, seq });
  }
  return outcomes;
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

/** The calls of one operation and engine so far. */
export async function callsOf(rig: Rig, name = 'SynthesizeSpeech/standard'): Promise<EngineCalls> {
  const calls = (await engineStats(rig)).calls[name];
  const none = { ok: 0, refused: 0, throttled: 0, failed: 0, cut: 0, inFlight: 0 };
  return calls ?? { ...none, peakInFlight: 0, peakAdmittedPerSecond: 0 };
}

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
