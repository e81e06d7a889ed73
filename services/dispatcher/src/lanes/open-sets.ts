/** Follows the sets' lives: creates lanes when a set opens, and removes them when it ends. */
import { endsSet, subjects } from '@setlist/contracts';
import type { Lane, Recorded } from '@setlist/eventlog';
import type { Engine, Operation } from '@setlist/polly';
import { sleepAtMost } from '@setlist/runtime';
import { evolveOpenSet, type OpenLane, type OpenSet } from '@setlist/sets';
import { aheadOfEach } from '../domain/ahead.ts';
import { WEIGHTS } from '../domain/fair-order.ts';
import type { RunPlace } from '../domain/file-owners.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { historyOf, historyUpTo } from './history.ts';
import type { LaneRunner } from './runner.ts';
import { LaneSource } from './source.ts';

export interface OpenSetsOptions {
  readonly ackWaitMs: number;
  /** How many items per set and lane are taken before they are paid, while few sets are open. */
  readonly ahead: number;
  readonly maxUnfinished: number;
  readonly compareEveryMs: number;
  /** Called with a failure that the service can't continue after: it drains. */
  readonly fail: (error: unknown) => void;
  /** The runners that pay for a lane's items. */
  runnersOf(set: OpenSet, lane: Engine): Promise<Record<Operation, LaneRunner>>;
}

interface Opened {
  readonly place: RunPlace;
  set: OpenSet;
  /** Sequence of the last event folded into `set`. */
  seq: number;
  readonly sources: Map<string, { source: LaneSource; runners: Record<Operation, LaneRunner> }>;
}

/** How many sets can wait to be opened before no more events are read: each keeps one in memory. */
const MOST_WAITING = 1_000;

export class OpenSets {
  readonly #deps: SettleDeps;
  readonly #options: OpenSetsOptions;
  readonly #open = new Map<string, Opened>();
  /** Later events of sets that are being opened, in order: they wait for that alone. */
  readonly #later = new Map<string, Recorded[]>();
  readonly #stopping = new Set<Promise<void>>();
  /** How many lanes are open here. */
  #lanes = 0;
  /** The last step: lanes are opened and closed one after another, so that none is opened twice, or while it closes. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(deps: SettleDeps, options: OpenSetsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Follows until the service drains, which a failure to follow the log also causes; then stops every source. */
  async run(): Promise<void> {
    const { draining, log } = this.#deps;
    const over = new AbortController();
    const comparing = this.#compareNowAndThen(AbortSignal.any([draining, over.signal]));
    const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
    try {
      for await (const record of log.follow(lives, draining)) {
        this.#seen(record);
        if (this.#later.size > MOST_WAITING) await this.#step;
      }
      if (!draining.aborted) throw new Error('the lives of sets could not be followed any further');
    } catch (error) {
      this.#options.fail(error);
    }
    over.abort();
    await comparing;
    await this.#step;
    await Promise.all([...this.#stopping, ...[...this.#open.values()].map((opened) => this.#stop(opened))]);
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#step.then(step);
    this.#step = done.catch(() => undefined);
    return done;
  }

  /** An event of an open set takes effect at once. One of another may open it, which can take long. */
  #seen(record: Recorded): void {
    const setId = record.event?.setId;
    if (setId === undefined) return;
    const later = this.#later.get(setId);
    const known = this.#open.get(setId);
    if (later) later.push(record);
    else if (known) this.#moved(setId, { known, record });
    else {
      this.#later.set(setId, []);
      void this.#inTurn(() => this.#met(setId, record)).catch(this.#options.fail);
    }
  }

  async #met(setId: string, record: Recorded): Promise<void> {
    if (this.#deps.draining.aborted) return;
    await this.#openBy(setId, record);
    const later = this.#later.get(setId) ?? [];
    this.#later.delete(setId);
    for (const each of later) this.#seen(each);
  }

  /** Opens the set of an event, unless it has ended or is left to others. */
  async #openBy(setId: string, record: Recorded): Promise<void> {
    this.#deps.files.seen(record);
    // The set ended before anything was opened for it here; `#compare` finds lanes that it left behind.
    if (endsSet(record.event)) return;
    const history = await historyUpTo(this.#deps, setId, record.seq);
    const { set } = history;
    if (!set || set.ended) return;
    if (this.#deps.serves(set.provider)) {
      const { output, prefix, acceptedSeq } = set;
      const place = { setId, output, prefix, acceptedSeq };
      await this.#opened(setId, { set, seq: history.seq, place, sources: new Map() });
    } else {
      // Not a failure: another dispatcher may serve it, or this one after a restart.
      this.#deps.logger.info({ set: setId, provider: set.provider }, 'set left to other dispatchers');
    }
  }

  #moved(setId: string, { known, record }: { known: Opened; record: Recorded }): void {
    if (record.seq <= known.seq) return;
    known.set = evolveOpenSet(known.set, record) ?? known.set;
    known.seq = record.seq;
    if (known.set.ended) this.#ended(setId, known);
    else this.#changed(known);
  }

  async #opened(setId: string, opened: Opened): Promise<void> {
    this.#open.set(setId, opened);
    await this.#deps.files.opened(opened.place, opened.seq);
    const { lanes } = opened.set;
    for (const lane of lanes) await this.#openLane(opened, setId, lane);
    this.#deps.logger.info({ set: setId, lanes: lanes.map(({ lane }) => lane) }, 'set opened');
  }

  async #openLane(opened: Opened, setId: string, { lane, items }: OpenLane): Promise<void> {
    const at = { setId, lane };
    const { ackWaitMs, maxUnfinished } = this.#options;
    const { set } = opened;
    await this.#deps.log.openLane(at, { fromSeq: set.fromSeq, ackWaitMs, maxUnfinished });
    if (opened.sources.has(lane)) return;
    const runners = await this.#options.runnersOf(set, lane);
    const onPayable = (): void => {
      for (const runner of Object.values(runners)) runner.wake();
    };
    const mayDoTasks = this.#deps.tasksOf(set.provider) !== undefined;
    const ahead = (): number => aheadOfEach(this.#options.ahead, this.#lanes);
    const options = { at, items, terms: set, mayDoTasks, ahead, ackWaitMs, onPayable };
    const source = new LaneSource(this.#deps, this.#deps.log.laneReader(at), options);
    for (const runner of Object.values(runners)) runner.join(source, WEIGHTS[set.priority]);
    source.pause(set.paused);
    source.start();
    opened.sources.set(lane, { source, runners });
    this.#lanes++;
  }

  #changed({ set, sources }: Opened): void {
    for (const { source, runners } of sources.values()) {
      source.pause(set.paused);
      for (const runner of Object.values(runners)) runner.reweigh(source, WEIGHTS[set.priority]);
    }
  }

  #ended(setId: string, opened: Opened): void {
    this.#open.delete(setId);
    const closed = this.#inTurn(async () => {
      for (const { lane } of opened.set.lanes) await this.#close({ setId, lane }, opened.seq);
    });
    // Sources stop on their own in time; waiting for them here would hold up other sets.
    const stopping = this.#stop(opened, closed)
      .catch(this.#options.fail)
      .finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }

  /** Removes the lane of a set that ended, unless the set has later events. */
  async #close(at: Lane, endedSeq: number): Promise<void> {
    const last = await this.#deps.log.last(subjects.state(at.setId));
    // A set retried since needs its lane, which another replica may have created already.
    if (!last || last.seq <= endedSeq) await this.#deps.log.closeLane(at);
  }

  /** @param closed when what came before the set's end in the log, such as later runs, has been noted too */
  async #stop({ place, sources }: Opened, closed?: Promise<void>): Promise<void> {
    this.#lanes -= sources.size;
    for (const { source, runners } of sources.values()) {
      for (const runner of Object.values(runners)) runner.leave(source);
    }
    await Promise.all([closed, ...[...sources.values()].map(({ source }) => source.stop())]);
    await this.#deps.files.ended(place);
  }

  async #compareNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleepAtMost(this.#options.compareEveryMs, signal);
      if (signal.aborted) return;
      await this.#compare(signal).catch((error: unknown) =>
        this.#deps.logger.warn({ err: error }, 'comparing open sets with their lanes failed; retrying later'),
      );
    }
  }

  /** Creates missing lanes, and removes those left by a dispatcher that died between a set's end and its clean-up. */
  async #compare(signal: AbortSignal): Promise<void> {
    for (const [setId, opened] of [...this.#open]) {
      for (const lane of opened.set.lanes) {
        if (signal.aborted) return;
        await this.#inTurn(async () => {
          if (this.#open.get(setId) === opened) await this.#openLane(opened, setId, lane);
        });
      }
    }
    for (const at of await this.#deps.log.existingLanes()) {
      if (signal.aborted) return;
      if (!this.#open.has(at.setId)) await this.#inTurn(() => this.#closeIfEnded(at));
    }
  }

  /** The log decides: an open set that this dispatcher, or the broker replica read, hasn't seen yet keeps its lane. */
  async #closeIfEnded(at: Lane): Promise<void> {
    const { set, seq } = await historyOf(this.#deps, at.setId);
    if (set?.ended) await this.#close(at, seq);
  }
}
