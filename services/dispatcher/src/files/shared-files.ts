/** Tracks which open runs may share files with runs accepted later, and has those files watched. */
import { type EventOf, mayShareFiles, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import type { RunPlace } from '../domain/file-owners.ts';
import { Watch, type WatchDeps } from './watch.ts';

export interface SharedFilesDeps extends WatchDeps {
  readonly log: Pick<EventLog, 'follow' | 'last' | 'first' | 'read'>;
}

export class SharedFiles {
  readonly #deps: SharedFilesDeps;
  readonly #open = new Map<string, RunPlace>();
  /** Only for open runs that may share files with later ones: most sets never need a watch. */
  readonly #watches = new Map<string, Watch>();

  /** The last look-up in the log for a set that is not open here. */
  #lookUps: Promise<void> = Promise.resolve();

  constructor(deps: SharedFilesDeps) {
    this.#deps = deps;
  }

  /** Whether a run that was accepted later has completed the file, and so owns it. */
  isTaken(setId: string, file: string): boolean {
    return this.#watches.get(setId)?.isTaken(file) ?? false;
  }

  /**
   * Notes that a run is open here. If there are events after its acceptance, later runs may have been missed here.
   * @param seenSeq sequence of the last known event of its life
   */
  async opened(run: RunPlace, seenSeq: number): Promise<void> {
    this.#open.set(run.setId, run);
    if (seenSeq === run.acceptedSeq) return;
    const later = { subjects: [subjects.state('*')], from: run.acceptedSeq + 1 };
    const completed = new Set<string>();
    for await (const { event, seq } of this.#deps.log.read(later)) {
      if (event?.name === 'SetAccepted') this.#meet(run, placeOf(event, seq));
      if (event?.name === 'SetCompleted' && event.setId !== undefined) completed.add(event.setId);
    }
    for (const setId of completed) await this.#leaveCompleted(setId);
  }

  /**
   * Notes an event of a set that is not open here: it may be a later run, even one that has ended. If that needs a
   * look-up, nothing waits for it: files written meanwhile are checked again.
   */
  seen({ event, seq }: Recorded): void {
    if (event?.setId === undefined || this.#open.size === 0) return;
    const { setId } = event;
    if (event.name === 'SetAccepted') this.#meetAll(placeOf(event, seq));
    else this.#lookUps = this.#lookUps.then(() => this.#lookUp(setId));
  }

  /** Notes that the run writes nothing more from here, unless a retry has opened it again. */
  async ended(run: RunPlace): Promise<void> {
    if (this.#open.get(run.setId) !== run) return;
    this.#open.delete(run.setId);
    const watch = this.#watches.get(run.setId);
    this.#watches.delete(run.setId);
    await watch?.close();
    this.#lookUps = this.#lookUps.then(() => this.#leaveCompleted(run.setId));
  }

  #meet(run: RunPlace, later: RunPlace): void {
    if (later.acceptedSeq <= run.acceptedSeq || !mayShareFiles(run, later)) return;
    const watch = this.#watches.get(run.setId) ?? new Watch(this.#deps, run);
    this.#watches.set(run.setId, watch);
    watch.join(later);
  }

  #meetAll(later: RunPlace): void {
    for (const run of this.#open.values()) this.#meet(run, later);
  }

  async #lookUp(setId: string): Promise<void> {
    try {
      const first = await this.#deps.log.first(subjects.state(setId));
      if (first?.event?.name === 'SetAccepted') this.#meetAll(placeOf(first.event, first.seq));
      await this.#leaveCompleted(setId);
    } catch (error) {
      this.#deps.logger.warn({ set: setId, err: error }, 'could not look up where a set’s files go');
    }
  }

  /** Leaves a completed set: all its outcomes are in the log. After a cancellation, those of calls in flight follow. */
  async #leaveCompleted(setId: string): Promise<void> {
    try {
      if (this.#watches.size === 0) return;
      if ((await this.#deps.log.last(subjects.state(setId)))?.event?.name !== 'SetCompleted') return;
      for (const watch of this.#watches.values()) void watch.leave(setId).catch(() => undefined);
    } catch (error) {
      this.#deps.logger.warn({ set: setId, err: error }, 'could not look up whether a later run has ended');
    }
  }
}

const placeOf = ({ setId = '', data }: EventOf<'SetAccepted'>, acceptedSeq: number): RunPlace => ({
  setId,
  output: data.output,
  prefix: data.prefix,
  acceptedSeq,
});
