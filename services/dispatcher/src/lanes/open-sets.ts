/** Follows the sets' lives: makes the lanes of those that open, and removes those of the ones that ended. */
import { subjects } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';
import type { Engine, Operation } from '@setlist/polly';
import { sleep } from '@setlist/runtime';
import { WEIGHTS } from '../domain/fair-order.ts';
import { evolveOpenSet, type OpenSet } from '../domain/open-set.ts';
import type { Desk } from '../settle/desk.ts';
import type { LaneRunner } from './runner.ts';
import { LaneSource } from './source.ts';

export interface OpenSetsOptions {
  readonly ackWaitMs: number;
  readonly ahead: number;
  readonly maxUnfinished: number;
  readonly compareEveryMs: number;
  /** The runners that pay for a lane's items. */
  runnersOf(set: OpenSet, lane: Engine): Promise<Record<Operation, LaneRunner>>;
}

interface Opened {
  set: OpenSet;
  readonly sources: Map<string, { source: LaneSource; runners: Record<Operation, LaneRunner> }>;
}

export class OpenSets {
  readonly #desk: Desk;
  readonly #options: OpenSetsOptions;
  readonly #open = new Map<string, Opened>();
  /** Lanes that had no open set at the last comparison; a set just accepted may be seen a moment later. */
  #orphans = new Set<string>();

  constructor(desk: Desk, options: OpenSetsOptions) {
    this.#desk = desk;
    this.#options = options;
  }

  /** Follows until the service drains; then stops every source. */
  async run(): Promise<void> {
    const { draining, log } = this.#desk;
    const comparing = this.#compareNowAndThen(draining);
    const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
    for await (const record of log.follow(lives, draining)) await this.#seen(record);
    await comparing;
    await Promise.all([...this.#open.values()].map((opened) => this.#stop(opened)));
  }

  async #seen(record: Recorded): Promise<void> {
    const setId = record.event?.setId;
    if (setId === undefined) return;
    const known = this.#open.get(setId);
    const set = known ? evolveOpenSet(known.set, record) : await this.#historyOf(setId);
    if (!set) return;
    if (set.ended) await this.#ended(setId, set);
    else if (known) this.#changed(known, set);
    else await this.#opened(setId, set);
  }

  async #historyOf(setId: string): Promise<OpenSet | undefined> {
    let set: OpenSet | undefined;
    for await (const record of this.#desk.log.read({ subjects: [subjects.state(setId)] })) {
      set = evolveOpenSet(set, record);
    }
    return set;
  }

  async #opened(setId: string, set: OpenSet): Promise<void> {
    const opened: Opened = { set, sources: new Map() };
    this.#open.set(setId, opened);
    for (const lane of set.lanes) await this.#openLane(opened, { setId, lane });
    this.#desk.logger.info({ set: setId, lanes: set.lanes }, 'set opened');
  }

  async #openLane(opened: Opened, at: { setId: string; lane: Engine }): Promise<void> {
    const { ackWaitMs, ahead, maxUnfinished } = this.#options;
    const { set } = opened;
    await this.#desk.log.openLane(at, { fromSeq: set.fromSeq, ackWaitMs, maxUnfinished });
    if (opened.sources.has(at.lane)) return;
    const runners = await this.#options.runnersOf(set, at.lane);
    const onPayable = (): void => {
      for (const runner of Object.values(runners)) runner.wake();
    };
    const options = { at, output: set.output, ahead, ackWaitMs, onPayable };
    const source = new LaneSource(this.#desk, this.#desk.log.laneReader(at), options);
    for (const runner of Object.values(runners)) runner.join(source, WEIGHTS[set.priority]);
    source.pause(set.paused);
    source.start();
    opened.sources.set(at.lane, { source, runners });
  }

  #changed(opened: Opened, set: OpenSet): void {
    opened.set = set;
    for (const { source, runners } of opened.sources.values()) {
      source.pause(set.paused);
      for (const runner of Object.values(runners)) runner.reweigh(source, WEIGHTS[set.priority]);
    }
  }

  async #ended(setId: string, set: OpenSet): Promise<void> {
    const opened = this.#open.get(setId);
    this.#open.delete(setId);
    // Sources stop by themselves in time; waiting for them here would hold up other sets' lives.
    if (opened) void this.#stop(opened);
    for (const lane of set.lanes) await this.#desk.log.closeLane({ setId, lane });
  }

  async #stop(opened: Opened): Promise<void> {
    for (const { source, runners } of opened.sources.values()) {
      for (const runner of Object.values(runners)) runner.leave(source);
    }
    await Promise.all([...opened.sources.values()].map(({ source }) => source.stop()));
  }

  async #compareNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.compareEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#compare().catch((error: unknown) =>
        this.#desk.logger.warn({ err: error }, 'comparing open sets with their lanes failed; again later'),
      );
    }
  }

  /** Makes what is missing, removes what was left by a dispatcher that died between an end and its clean-up. */
  async #compare(): Promise<void> {
    for (const [setId, opened] of this.#open) {
      for (const lane of opened.set.lanes) await this.#openLane(opened, { setId, lane });
    }
    const orphans = new Set<string>();
    for (const at of await this.#desk.log.existingLanes()) {
      if (this.#open.has(at.setId)) continue;
      const name = `${at.setId}/${at.lane}`;
      if (this.#orphans.has(name)) await this.#desk.log.closeLane(at);
      else orphans.add(name);
    }
    this.#orphans = orphans;
  }
}
