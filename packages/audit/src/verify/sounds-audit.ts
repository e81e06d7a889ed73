/**
 * Checks what became of each sound, once the whole log has been read: a log has more sounds than memory should hold, so
 * their events are set aside in files by hash and read part by part.
 */
import { setImmediate } from 'node:timers/promises';
import { EVENTS, type EventOf, subjects } from '@setlist/contracts';
import { fault, finding, type Report } from './finding.ts';
import { Partitions } from './partitions.ts';
import { type Audio, type SoundEvent, SoundLives, type SoundStep } from './sound-life-rules.ts';

/** A step of a sound, or an item's use of one: as a set's item can only have audio that was paid for before. */
type Entry =
  | (SoundStep & { readonly seq: number })
  | {
      readonly seq: number;
      readonly use: { readonly set: string; readonly item: number; readonly hash: string } & Audio;
    };

export class SoundsAudit implements Disposable {
  readonly #entries = new Partitions<Entry>();

  /** Sets a sound's event aside. */
  take(event: SoundEvent, seq: number): void {
    this.#entries.add(event.data.hash, { ...stepOf(event), seq });
  }

  /** Sets aside that an item has a sound's audio. */
  takeUse({ data, setId = '' }: EventOf<'ItemCompleted'>, seq: number): void {
    const { hash, index: item, sha256, bytes, durationMs } = data;
    this.#entries.add(hash, { use: { set: setId, item, hash, sha256, bytes, durationMs }, seq });
  }

  /** Checks everything that was set aside. */
  async finish(report: Report): Promise<void> {
    for (const entries of this.#entries.read()) {
      checkPart(entries, report);
      await setImmediate();
    }
  }

  /** Deletes what was set aside. */
  [Symbol.dispose](): void {
    this.#entries[Symbol.dispose]();
  }
}

function checkPart(entries: Iterable<Entry>, report: Report): void {
  const lives = new SoundLives();
  const ids = new Map<string, number>();
  for (const entry of entries) {
    const { seq } = entry;
    if ('use' in entry) {
      const { set, item, hash } = entry.use;
      const where = { seq, set, item, sound: hash };
      if (!lives.wasPaid(hash)) {
        const what = `item ${item} has audio of a sound that was never paid for`;
        report(fault('completed-unpaid', where, what));
      } else if (!lives.wasPaidFor(entry.use)) {
        report(fault('outcome-differs', where, `item ${item} has other audio than was paid for`));
      }
      continue;
    }
    const { hash } = entry.data;
    const where = { seq, subject: subjects.sound(hash), sound: hash };
    const wrong = lives.apply(entry);
    if (wrong) report(finding(wrong.code, where, wrong.what));
    // A claim is never repeated in turn, so the rules report it.
    if (entry.name === 'SoundClaimed') continue;
    const id = idOf(entry);
    const first = ids.get(id);
    if (first === undefined) ids.set(id, seq);
    else
      report(fault('event-repeated', where, `${entry.name} ${id} is already in the log, as event ${first}`));
  }
}

/** Omits what the check doesn't need. */
function stepOf(event: SoundEvent): SoundStep {
  const { hash, claim, by } = event.data;
  switch (event.name) {
    case 'SoundClaimed': {
      const { because, lost } = event.data;
      return { name: event.name, data: { hash, claim, by, because, lost } };
    }
    case 'SoundPaid': {
      const { how, repaid, lastClaim, sha256, bytes, durationMs } = event.data;
      const data = { hash, claim, by, how, repaid, lastClaim, sha256, bytes, durationMs };
      return { name: event.name, data };
    }
    case 'SoundTaskStarted':
    case 'SoundFreed':
      return { name: event.name, data: { hash, claim, by } };
    default:
      return event satisfies never;
  }
}

/** The event's id, which these fields give. */
type IdOf = (data: SoundStep['data']) => string;
const idOf = ({ name, data }: SoundStep): string => (EVENTS[name].id as IdOf)(data);
