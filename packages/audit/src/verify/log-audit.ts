/** One pass over the log, in order: every record is checked against everything before it. */
import {
  DigestTable,
  digestOf,
  EVENTS,
  type EventName,
  type EventOf,
  isByItsAuthor,
  type SetlistEvent,
  subjectOf,
  versionedType,
} from '@setlist/contracts';
import type { EventLog, LogExtent, Recorded } from '@setlist/eventlog';
import { Shadow } from '../fold/shadow.ts';
import { chainOf } from './chain-of.ts';
import { type FaultCode, fault, finding, note, type Report, type Where } from './finding.ts';
import { SetHistory } from './set-history.ts';
import { isSoundEvent } from './sound-life-rules.ts';
import { SoundsAudit } from './sounds-audit.ts';

type Note = EventOf<'NotificationSent'> | EventOf<'NotificationFailed'>;

/** A chain head named by an event that is not the head just before that event, but an earlier one. */
interface EarlierHead {
  readonly where: Where & { readonly set: string };
  readonly events: number;
  readonly head: string;
}

const UNREADABLE = {
  'not-json': 'unreadable-event',
  'not-cloudevents': 'unreadable-event',
  'unknown-type': 'unknown-event',
  'invalid-data': 'invalid-event',
} as const satisfies Record<string, FaultCode>;

export class LogAudit implements Disposable {
  readonly shadow: Shadow;
  readonly #sounds = new SoundsAudit();
  readonly #log: Pick<EventLog, 'at' | 'read'>;
  readonly #report: Report;
  /** `undefined` for a part of a log, in which gaps mean nothing. */
  readonly #extent: LogExtent | undefined;
  /** Sequence of each event's first occurrence, by its id; for a notification's event, by its subject. */
  readonly #ids = new DigestTable();
  readonly #histories = new Map<string, SetHistory>();
  readonly #earlierHeads: EarlierHead[] = [];
  #gaps = 0;
  #lastTime = 0;
  events = 0;

  /** @param extent how far the log reached when the pass began, or `part` for a part of a log */
  constructor(log: Pick<EventLog, 'at' | 'read'>, extent: LogExtent | 'part', report: Report) {
    this.#log = log;
    this.#extent = extent === 'part' ? undefined : extent;
    this.#report = report;
    this.shadow = new Shadow(new Map(), 0, { withDigests: true });
  }

  /** Checks the next record. */
  apply(record: Recorded): void {
    this.events++;
    this.#checkOrder(record);
    const { event, problem, seq, subject } = record;
    if (problem) this.#report(fault(UNREADABLE[problem.code], { seq, subject }, problem.message));
    if (event) this.#checkEvent(event, record);
    if (isSoundEvent(event)) {
      this.#sounds.take(event, seq);
      if (event.name === 'SoundPaid' && event.data.for)
        this.#historyOf(event.data.for.set).notePayment(event);
    } else if (event?.name === 'ItemCompleted') this.#sounds.takeUse(event, seq);
    const folded = this.shadow.apply(record);
    if (folded === undefined) return;
    const where = { seq, subject, set: folded.set.setId };
    for (const { code, what } of this.#historyOf(where.set).judge(record, folded.step)) {
      this.#report(finding(code, where, what));
    }
    if (event?.name === 'SetCompleted' && folded.step.before) {
      this.#checkHead(event.data.chain, folded.step.before.chain, where);
    }
  }

  /** Checks what needs the whole log to have been read. */
  async finish(): Promise<void> {
    if (this.#extent) this.#checkGaps(this.#extent);
    await this.#sounds.finish(this.#report);
    for (const { where, events, head } of this.#earlierHeads) {
      const chain = await chainOf(this.#log, where.set, events);
      if (chain?.head !== head) this.#report(fault('chain-broken', where, OTHER_HEAD(events)));
    }
  }

  #checkOrder({ seq, time, subject }: Recorded): void {
    this.#noteGap(this.shadow.position + 1, seq - 1);
    if (time.getTime() < this.#lastTime) {
      const backMs = this.#lastTime - time.getTime();
      this.#report(note('clock-went-back', { seq, subject }, `the broker's clock went back by ${backMs} ms`));
    }
    this.#lastTime = time.getTime();
  }

  #checkGaps({ lastSeq, archived }: LogExtent): void {
    this.#noteGap(this.shadow.position + 1, lastSeq);
    if (this.#gaps === archived.events) return;
    const what = `${this.#gaps} events up to ${archived.upToSeq} are missing; archives account for ${archived.events}`;
    this.#report(fault('sequence-gap', { seq: archived.upToSeq }, what));
  }

  #noteGap(from: number, to: number): void {
    if (this.#extent === undefined || to < from) return;
    if (to <= this.#extent.archived.upToSeq) {
      this.#gaps += to - from + 1;
      return;
    }
    const what = from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`;
    this.#report(fault('sequence-gap', { seq: from }, what));
  }

  #checkEvent(event: SetlistEvent, { seq, subject, raw }: Recorded): void {
    const where = { seq, subject };
    const belongs = subjectOf(event);
    if (belongs !== subject)
      this.#report(fault('event-misplaced', where, `it belongs on the subject ${belongs}`));
    const id = idOf(event);
    if (id !== event.id && isNewest(event, raw)) {
      this.#report(fault('id-unexplained', where, `its id is ${event.id}; its content gives ${id}`));
    }
    if (!isByItsAuthor(event) && isNewest(event, raw)) {
      this.#report(fault('source-unexplained', where, `${event.source} writes no ${event.name}`));
    }
    if (event.name === 'NotificationSent' || event.name === 'NotificationFailed') {
      this.#checkNotice(event, where);
      return;
    }
    const first = TOLD_BY_THE_FOLD.has(event.name) ? undefined : this.#ids.add(digestOf(event.id), seq);
    if (first !== undefined) {
      this.#report(
        fault('event-repeated', where, `${event.name} ${event.id} is already in the log, as event ${first}`),
      );
    }
  }

  /** A message was either sent or failed: it has one such event, on its own subject. */
  #checkNotice(event: Note, where: { readonly seq: number; readonly subject: string }): void {
    const first = this.#ids.add(digestOf(where.subject), where.seq);
    if (first !== undefined) {
      const what = `${event.name} ${event.id} is about the same message as event ${first}`;
      this.#report(fault('event-repeated', where, what));
    }
    if (this.#ids.get(digestOf(event.data.cause)) !== undefined) return;
    const what = `it reports ${event.data.causeName} ${event.data.cause}, which is not in the log before it`;
    this.#report(fault('notice-without-cause', where, what));
  }

  #checkHead(said: { events: number; head: string }, chain: typeof said, where: EarlierHead['where']): void {
    if (said.events === chain.events) {
      if (said.head !== chain.head) this.#report(fault('chain-broken', where, OTHER_HEAD(said.events)));
    } else this.#earlierHeads.push({ where, events: said.events, head: said.head });
  }

  /** Deletes what was set aside on disk. */
  [Symbol.dispose](): void {
    this.#sounds[Symbol.dispose]();
  }

  #historyOf(setId: string): SetHistory {
    let history = this.#histories.get(setId);
    if (history === undefined) {
      history = new SetHistory();
      this.#histories.set(setId, history);
    }
    return history;
  }
}

/** Events that make up nearly all of a log: a repeat of one shows in the state of its item or sound. */
const TOLD_BY_THE_FOLD: ReadonlySet<EventName> = new Set([
  ...(['ItemRequested', 'ItemCompleted', 'ItemFailed'] as const),
  ...(['SoundClaimed', 'SoundTaskStarted', 'SoundPaid', 'SoundFreed'] as const),
]);

const OTHER_HEAD = (events: number): string =>
  `its chain head doesn't match the set's first ${events} events: at least one of them has changed`;

type IdOf = (data: SetlistEvent['data'], setId: string) => string;
const idOf = ({ name, data, setId }: SetlistEvent): string => (EVENTS[name].id as IdOf)(data, setId ?? '');

/** Events of older versions have ids made from their older data, and perhaps other authors: neither is known here. */
const isNewest = ({ name }: SetlistEvent, raw: Uint8Array): boolean =>
  (JSON.parse(Buffer.from(raw).toString()) as { type: string }).type === versionedType(EVENTS[name]);
