/** Runs sets through the whole system and times them by the log, on the broker's clock. */
import { subjects } from '@setlist/contracts';
import type { System } from '@setlist/e2e';
import { progress } from './benchmark.ts';
import type { SetText } from './set-texts.ts';

export interface SetRun {
  /** From the first acceptance to the last completion, in seconds. */
  readonly seconds: number;
  /** From the drop of the first file, in seconds, on this process's clock. */
  readonly secondsFromDrop: number;
  readonly completed: number;
  readonly billedCharacters: number;
  /** The messages that they added to the log. */
  readonly messages: number;
}

const PROGRESS_EVERY_MS = 5_000;
const MS_PER_HOUR = 3_600_000;
/** Longer than any benchmark; a stalled set must not block a terminal forever. */
const DEADLINE_MS = 4 * MS_PER_HOUR;

/**
 * Drops the sets, all at once, and waits until each has ended.
 * @throws Error if one is rejected, or not done after four hours
 */
export async function runSets(system: System, sets: readonly SetText[]): Promise<SetRun> {
  const headBefore = await system.log.head();
  const droppedAt = performance.now();
  // Written an hour ago, as is usual for moved files: ingest doesn't wait for their last write.
  const written = new Date(Date.now() - MS_PER_HOUR);
  for (const { name, text } of sets) await system.drop(`${name}.yml`, text, written);
  const told = setInterval(() => void tell(system, headBefore, droppedAt), PROGRESS_EVERY_MS);
  try {
    const ends = await untilEnded(system, sets.length, headBefore + 1);
    const secondsFromDrop = (performance.now() - droppedAt) / 1_000;
    return { ...ends, secondsFromDrop, messages: (await system.log.head()) - headBefore };
  } finally {
    clearInterval(told);
  }
}

async function untilEnded(system: System, count: number, from: number) {
  const lives = system.log.follow(
    { subjects: [subjects.state('*')], from },
    AbortSignal.timeout(DEADLINE_MS),
  );
  const sum = { completed: 0, billedCharacters: 0 };
  let begun = 0;
  let ended = 0;
  for await (const { event, time } of lives) {
    if (event?.name === 'SetAccepted') begun ||= time.getTime();
    if (event?.name === 'SetRejected') {
      throw new Error(`a set was refused: ${event.data.problems[0]?.message ?? 'without a reason'}`);
    }
    if (event?.name !== 'SetCompleted') continue;
    sum.completed += event.data.counts.completed;
    sum.billedCharacters += event.data.billedCharacters;
    ended++;
    if (ended === count) return { ...sum, seconds: (time.getTime() - begun) / 1_000 };
  }
  throw new Error(`${ended} of ${count} sets ended within ${DEADLINE_MS / MS_PER_HOUR} hours`);
}

async function tell({ log }: System, headBefore: number, since: number): Promise<void> {
  const head = await log.head().catch(() => headBefore);
  const seconds = Math.round((performance.now() - since) / 1_000);
  progress(`    ${seconds} s: ${(head - headBefore).toLocaleString('en-US')} messages in the log`);
}
