/** Who has tried to pay for a sound since its last payment, and with what right: a later payment may be a second one. */
import type { EventData, SetlistEvent } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';
import type { Attempt } from '../domain/repayment.ts';

type Claimed = EventData<'SoundClaimed'>;

export class Attempts {
  #all: (Attempt & { readonly taskIds: Set<string> })[] = [];
  #before: SetlistEvent | undefined;

  /** Oldest first. */
  get all(): readonly Attempt[] {
    return this.#all;
  }

  /** To be called with each event of the sound, in order. */
  note({ seq, event }: Pick<Recorded, 'seq' | 'event'>): void {
    if (event?.name === 'SoundPaid') this.#all = [];
    if (event?.name === 'SoundClaimed' && isRenewal(event.data, this.#before)) {
      // Nothing can have been billed under it.
      if (event.data.unused) this.#all.pop();
    } else if (event?.name === 'SoundClaimed') {
      const { because, expired, operation } = event.data;
      const lost = lostBy(this.#before);
      const right = { because, expired, ...(lost ? { lost } : {}) };
      this.#all.push({ seq, operation, right, taskIds: new Set() });
    }
    if (event?.name === 'SoundTaskStarted') this.#all.at(-1)?.taskIds.add(event.data.taskId);
    this.#before = event;
  }
}

/** Whether its holder renewed or handed on a claim. A dispatcher that takes one over counts it, or gives another reason. */
function isRenewal({ by, for: item, because, expired }: Claimed, before: SetlistEvent | undefined): boolean {
  if (before?.name !== 'SoundClaimed' && before?.name !== 'SoundTaskStarted') return false;
  const { by: earlierBy, for: earlier, expired: earlierExpired } = before.data;
  const isOwn = by === earlierBy && item.set === earlier.set && item.index === earlier.index;
  if (!isOwn || item.attempt !== earlier.attempt || expired !== earlierExpired) return false;
  return before.name === 'SoundTaskStarted' || before.data.because === because;
}

/** The task that the next claim has to look for: a claim for a task names its own where there was none before. */
function lostBy(event: SetlistEvent | undefined): Attempt['right']['lost'] {
  if (event?.name === 'SoundTaskStarted') return event.data;
  if (event?.name !== 'SoundClaimed' && event?.name !== 'SoundFreed') return undefined;
  return event.data.lost;
}
