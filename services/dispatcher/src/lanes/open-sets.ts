/** Follows the sets' lives: makes the lanes of those that open, and removes those of the ones that ended. */
import { type EventName, subjects } from '@setlist/contracts';
import type { Lane, Recorded } from '@setlist/eventlog';
import type { Engine, Operation } from '@setlist/polly';
import { sleep } from '@setlist/runtime';
import { aheadOfEach } from '../domain/ahead.ts';
import { WEIGHTS } from '../domain/fair-order.ts';
import type { RunPlace } from '../domain/file-owners.ts';
import { evolveOpenSet, type OpenSet } from '../domain/open-set.ts';
import type { Desk } from '../settle/desk.ts';
import type { LaneRunner } from './runner.ts';
import { LaneSource } from './source.ts';

export interface OpenSetsOptions {
  readonly ackWaitMs: number;
  /** How many pieces of a set and lane are taken ahead of being paid, while few sets are open. */
  readonly ahead: number;
  readonly maxUnfinished: number;
  readonly compareEveryMs: number;
  /** The runners that pay for a lane's items. */
  runnersOf(set: OpenSet, lane: Engine): Promise<Record<Operation, LaneRunner>>;
}

interface Opened {
  readonly place: RunPlace;
  set: OpenSet;
  /** Sequence of the last event that is in `set`. */
  seq: number;
  readonly sources: Map<string, { source: LaneSource; runners: Record<Operation, LaneRunner> }>;
}

/** Last words of a set that need nothing from a dispatcher that has nothing open for it. */
const ENDINGS: ReadonlySet<EventName> = new Set(['SetCompleted', 'SetCancelled', 'SetRejected']);

export class OpenSets {
  readonly #desk: Desk;
  readonly #options: OpenSetsOptions;
  readonly #open = new Map<string, Opened>();
  readonly #stopping = new Set<Promise<void>>();
  /** Lanes that are open here. */
  #lanes = 0;
  /** The last step under way: steps follow one another, so that no lane is opened twice or while it closes. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(desk: Desk, options: OpenSetsOptions) {
    this.#desk = desk;
    this.#options = options;
  }

  /** Follows until the service drains; then stops every source. */
  async run(): Promise<void> {
    const { draining, log } = this.#desk;
    const comparing = this.#compareNowAndThen(draining);
    const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
    for await (const record of log.follow(lives, draining)) await this.#inTurn(() => this.#seen(record));
    await comparing;
    await Promise.all([...this.#stopping, ...[...this.#open.values()].map((opened) => this.#stop(opened))]);
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#step.then(step);
    this.#step = done.catch(() => undefined);
    return done;
  }

  async #seen(record: Recorded): Promise<void> {
    const { event, seq } = record;
    if (event?.setId === undefined) return;
    const { setId } = event;
    const known = this.#open.get(setId);
    if (known) {
      if (seq > known.seq) await this.#moved(setId, { known, record });
      return;
    }
    this.#desk.files.seen(record);
    // A set that ended before anything was opened for it here: a lane that it left is found by comparing.
    if (ENDINGS.has(event.name)) return;
    const history = await this.#historyOf(setId);
    if (!history || history.set.ended) return;
    if (this.#desk.providerOf(history.set.provider)) {
      const { output, prefix, acceptedSeq } = history.set;
      const place = { setId, output, prefix, acceptedSeq };
      await this.#opened(setId, { ...history, place, sources: new Map() });
    } else {
      // Not a failure: another dispatcher may serve it, or this one after its next start.
      this.#desk.logger.info({ set: setId, provider: history.set.provider }, 'set left to other dispatchers');
    }
  }

  async #moved(setId: string, { known, record }: { known: Opened; record: Recorded }): Promise<void> {
    known.set = evolveOpenSet(known.set, record) ?? known.set;
    known.seq = record.seq;
    if (known.set.ended) await this.#ended(setId, known);
    else this.#changed(known);
  }

  async #historyOf(setId: string): Promise<{ set: OpenSet; seq: number } | undefined> {
    let set: OpenSet | undefined;
    let seq = 0;
    for await (const record of this.#desk.log.read({ subjects: [subjects.state(setId)] })) {
      set = evolveOpenSet(set, record);
      seq = record.seq;
    }
    return set && { set, seq };
  }

  async #opened(setId: string, opened: Opened): Promise<void> {
    this.#open.set(setId, opened);
    await this.#desk.files.opened(opened.place, opened.seq);
    const { lanes } = opened.set;
    for (const lane of lanes) await this.#openLane(opened, { setId, lane });
    this.#desk.logger.info({ set: setId, lanes }, 'set opened');
  }

  async #openLane(opened: Opened, at: { setId: string; lane: Engine }): Promise<void> {
    const { ackWaitMs, maxUnfinished } = this.#options;
    const { set } = opened;
    await this.#desk.log.openLane(at, { fromSeq: set.fromSeq, ackWaitMs, maxUnfinished });
    if (opened.sources.has(at.lane)) return;
    const runners = await this.#options.runnersOf(set, at.lane);
    const onPayable = (): void => {
      for (const runner of Object.values(runners)) runner.wake();
    };
    const mayDoTasks = this.#desk.tasksOf(set.provider) !== undefined;
    const ahead = (): number => aheadOfEach(this.#options.ahead, this.#lanes);
    const options = { at, terms: set, mayDoTasks, ahead, ackWaitMs, onPayable };
    const source = new LaneSource(this.#desk, this.#desk.log.laneReader(at), options);
    for (const runner of Object.values(runners)) runner.join(source, WEIGHTS[set.priority]);
    source.pause(set.paused);
    source.start();
    opened.sources.set(at.lane, { source, runners });
    this.#lanes++;
  }

  #changed({ set, sources }: Opened): void {
    for (const { source, runners } of sources.values()) {
      source.pause(set.paused);
      for (const runner of Object.values(runners)) runner.reweigh(source, WEIGHTS[set.priority]);
    }
  }

  async #ended(setId: string, opened: Opened): Promise<void> {
    this.#open.delete(setId);
    // Sources stop by themselves in time; waiting for them here would hold up other sets' lives.
    const stopping = this.#stop(opened).finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
    const last = await this.#desk.log.last(subjects.state(setId));
    // A set retried since has a lane again, which another replica may have made already.
    if (last && last.seq > opened.seq) return;
    for (const lane of opened.set.lanes) await this.#desk.log.closeLane({ setId, lane });
  }

  async #stop({ place, sources }: Opened): Promise<void> {
    this.#lanes -= sources.size;
    for (const { source, runners } of sources.values()) {
      for (const runner of Object.values(runners)) runner.leave(source);
    }
    await Promise.all([...sources.values()].map(({ source }) => source.stop()));
    await this.#desk.files.ended(place);
  }

  async #compareNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.compareEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#compare(signal).catch((error: unknown) =>
        this.#desk.logger.warn({ err: error }, 'comparing open sets with their lanes failed; again later'),
      );
    }
  }

  /** Makes what is missing, removes what was left by a dispatcher that died between an end and its clean-up. */
  async #compare(signal: AbortSignal): Promise<void> {
    for (const [setId, opened] of [...this.#open]) {
      for (const lane of opened.set.lanes) {
        if (signal.aborted) return;
        await this.#inTurn(async () => {
          if (this.#open.get(setId) === opened) await this.#openLane(opened, { setId, lane });
        });
      }
    }
    for (const at of await this.#desk.log.existingLanes()) {
      if (signal.aborted) return;
      if (!this.#open.has(at.setId)) await this.#inTurn(() => this.#closeIfEnded(at));
    }
  }

  /** The log decides: a set that is open and not yet seen here keeps its lane. */
  async #closeIfEnded(at: Lane): Promise<void> {
    const history = await this.#historyOf(at.setId);
    if (history === undefined || history.set.ended) await this.#desk.log.closeLane(at);
  }
}
