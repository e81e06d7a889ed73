/**
 * Sends changes to all watchers: the log is followed once, and several times a second the changes are serialized once
 * per topic and sent to all its watchers.
 */
import { type SetSummary, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { type Logger, Slots, settlesWithin, sleepAtMost } from '@setlist/runtime';
import type { Caller } from '../access/caller.ts';
import type { QuotaWindow } from '../domain/quota-use.ts';
import { refusalFor } from '../domain/set-file-problem.ts';
import { itemMark } from '../domain/timeline.ts';
import { AGAIN, BEHIND, type Change, type Frame, frameOf, type ItemChange } from './frame.ts';
import type { SetsMirror } from './sets-mirror.ts';
import { areOfThisLog, untilRebuilt } from './until-rebuilt.ts';

export interface Watcher {
  /** Watches this set with its items; without it, all sets without their items. */
  readonly setId?: string;
  readonly caller: Pick<Caller, 'maySee' | 'seesAllSets'>;
  send(frame: Frame): void;
}

export interface LiveFeedDeps {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly mirror: SetsMirror;
  readonly quota: QuotaWindow;
  /** Forgets what else is kept of the log's events. */
  forget(): void;
}

const FRAME_EVERY_MS = 250;
const CHECK_EVERY_MS = 2_000;
/** How long a broker that is up can take to answer, in ms. */
const ANSWERED_WITHIN_MS = 3_000;
/** A watcher that has missed more than this many events of its set starts over. */
const CATCH_UP_EVENTS = 20_000;
/** Watchers for whom what they have missed of their set is read at the same time. */
const CATCH_UP_AT_ONCE = 4;
/** The same for a watcher of all sets: more summaries would exceed what a connection can have unread. */
const CATCH_UP_SETS = 500;

export class LiveFeed {
  readonly #deps: LiveFeedDeps;
  readonly #watchers = new Set<Watcher>();
  readonly #items = new Map<string, ItemChange[]>();
  readonly #catchingUp = new Slots(CATCH_UP_AT_ONCE);
  #head = 0;
  #isBehind = false;

  constructor(deps: LiveFeedDeps) {
    this.#deps = deps;
  }

  /** Follows the log until aborted. Resolves once all summaries are loaded; `done` settles when following ends. */
  async start(signal: AbortSignal): Promise<{ done: Promise<void> }> {
    const isLost = !(await areOfThisLog(this.#deps.log));
    await this.#load();
    const parts = [this.#keepUp(isLost, signal), this.#watchBroker(signal)];
    return { done: Promise.all(parts).then(() => undefined) };
  }

  async #load(): Promise<void> {
    const { log, mirror } = this.#deps;
    // The place comes first: events that arrive while the summaries are fetched are then followed.
    this.#head = await log.head();
    await mirror.load();
    await mirror.noteUnfolded();
  }

  /** Follows until aborted. If the log loses its end, all that is kept of it is read again, and watchers start over. */
  async #keepUp(isLost: boolean, signal: AbortSignal): Promise<void> {
    for (let wasLost = isLost; ; wasLost = false) {
      const round = new AbortController();
      const either = AbortSignal.any([signal, round.signal]);
      // Comes first: what is followed before it is not missed when it is lost.
      const rebuilt = untilRebuilt(this.#deps.log, wasLost, either);
      const parts = Promise.all([this.#follow(either), this.#frames(either)]);
      const isRebuilt = await Promise.race([rebuilt, parts.then(() => false)]).finally(() => round.abort());
      await parts;
      if (!isRebuilt) return;
      // First, so that no new summary is shown beside what was remembered of the lost events.
      this.#deps.forget();
      await this.#load();
      for (const watcher of this.#watchers) watcher.send(frameOf(this.position(watcher.setId), 'reset', {}));
    }
  }

  /** The place in the log up to which the summaries, or the one set's summary, include everything. */
  position(setId?: string): number {
    const { mirror } = this.#deps;
    return setId === undefined ? mirror.reflectedUpTo(this.#head) : mirror.reflectedOf(setId, this.#head);
  }

  /**
   * Sends what has changed since `since`, then every further frame.
   * @param since the id of the last frame seen
   * @param signal ends the catching up with its reason
   */
  async watch(watcher: Watcher, since: number | undefined, signal?: AbortSignal): Promise<Disposable> {
    // A frame sent before the first one would claim, by its id, what only the first one holds.
    let held: Frame[] | undefined = [];
    const inOrder: Watcher = {
      ...watcher,
      send: (frame) => void (held ? held.push(frame) : watcher.send(frame)),
    };
    this.#watchers.add(inOrder);
    if (this.#isBehind) watcher.send(BEHIND);
    try {
      watcher.send(await this.#firstFrame(watcher, since, signal));
      for (const frame of held) watcher.send(frame);
      held = undefined;
      // The client takes any frame as a sign that the broker is back.
      if (this.#isBehind) watcher.send(BEHIND);
    } catch (error) {
      this.#watchers.delete(inOrder);
      throw error;
    }
    return { [Symbol.dispose]: () => void this.#watchers.delete(inOrder) };
  }

  async #firstFrame(
    watcher: Watcher,
    since: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Frame> {
    const id = this.position(watcher.setId);
    if (since === undefined) return frameOf(id, 'hello', {});
    if (since > this.#head) return frameOf(id, 'reset', {});
    const { mirror } = this.#deps;
    if (watcher.setId === undefined) {
      const sets = [...mirror.all()].filter(
        (summary) => summary.lastSeq > since && isWatchedBy(watcher, summary),
      );
      if (sets.length > CATCH_UP_SETS) return frameOf(id, 'reset', {});
      return frameOf(id, 'change', changeFor(watcher, sets));
    }
    const items = await this.#itemsSince(watcher.setId, since, signal);
    if (items === undefined) return frameOf(id, 'reset', {});
    const set = mirror.get(watcher.setId);
    return frameOf(id, 'change', changeFor(watcher, set ? [set] : [], items));
  }

  /** `undefined` if there are too many to send one by one. */
  async #itemsSince(
    setId: string,
    since: number,
    signal: AbortSignal | undefined,
  ): Promise<ItemChange[] | undefined> {
    using _slot = await this.#catchingUp.take(signal);
    const items: ItemChange[] = [];
    for await (const record of this.#deps.log.read({ subjects: [subjects.ofSet(setId)], from: since + 1 })) {
      signal?.throwIfAborted();
      const change = changeOf(record);
      if (change) items.push(change);
      if (items.length > CATCH_UP_EVENTS) return undefined;
    }
    return items;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { log, mirror, quota } = this.#deps;
    // Begins with the newest event that was loaded: should a power cut take the log's end, it takes this one.
    let loaded: number | undefined = this.#head;
    for await (const record of log.follow({ from: Math.max(1, loaded) }, signal)) {
      const isLoaded = record.seq === loaded;
      loaded = undefined;
      if (isLoaded) continue;
      this.#head = record.seq;
      if (record.event) quota.note(record.event, record.time.getTime());
      if (!isOfSet(record)) continue;
      const setId = setOfSubject(record.subject);
      mirror.note(setId, record.seq);
      const change = changeOf(record);
      if (change && this.#isWatched(setId)) this.#itemsOf(setId).push(change);
    }
  }

  #isWatched(setId: string): boolean {
    for (const watcher of this.#watchers) if (watcher.setId === setId) return true;
    return false;
  }

  #itemsOf(setId: string): ItemChange[] {
    const known = this.#items.get(setId) ?? [];
    this.#items.set(setId, known);
    return known;
  }

  async #frames(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleepAtMost(FRAME_EVERY_MS, signal);
      if (signal.aborted) return;
      const { changed, failure } = await this.#deps.mirror.catchUp();
      this.#send(changed);
      if (failure !== undefined)
        this.#deps.logger.warn({ err: failure }, 'summaries could not be fetched; again in a moment');
    }
  }

  /** Tells watchers when the broker is away, so that nothing can come, and when it is back. */
  async #watchBroker(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await sleepAtMost(CHECK_EVERY_MS, signal)) {
      const isAway = !(await settlesWithin(ANSWERED_WITHIN_MS, this.#deps.log.check()).catch(() => false));
      if (isAway === this.#isBehind) continue;
      this.#isBehind = isAway;
      for (const watcher of this.#watchers) watcher.send(isAway ? BEHIND : AGAIN);
    }
  }

  #send(changed: readonly SetSummary[]): void {
    // Most watchers watch the same: each frame is serialized once for all of them.
    const written = new Map<string, Frame>();
    for (const watcher of this.#watchers) {
      const { setId, caller } = watcher;
      const sets = changed.filter((summary) => isWatchedBy(watcher, summary));
      const items = setId === undefined ? undefined : this.#items.get(setId);
      if (sets.length === 0 && items === undefined) continue;
      const key = [caller.seesAllSets, setId, ...sets.map((summary) => summary.setId)].join(' ');
      const frame =
        written.get(key) ?? frameOf(this.position(setId), 'change', changeFor(watcher, sets, items));
      written.set(key, frame);
      watcher.send(frame);
    }
    this.#items.clear();
  }
}

const isWatchedBy = ({ setId, caller }: Watcher, summary: SetSummary): boolean =>
  setId === undefined ? caller.maySee(summary.set.name) : summary.setId === setId;

const changeFor = (
  { setId, caller }: Watcher,
  sets: readonly SetSummary[],
  items: readonly ItemChange[] = [],
): Change => ({
  sets: sets.map((summary) => refusalFor(caller, summary)),
  ...(setId !== undefined && { items }),
});

const isOfSet = ({ subject }: Recorded): boolean => subject.startsWith(subjects.ofAllSets().slice(0, -1));

function changeOf({ event, seq }: Recorded): ItemChange | undefined {
  const change = event && itemMark(event);
  return change && [change.index, change.mark, seq];
}
