/** The port that every channel implements: mail, chats, SNS, webhooks and folders. */
import type { Reason } from '@setlist/contracts';
import type { Letter } from './messages/letter.ts';
import type { NotableEvent, NoticeKind } from './notice-kind.ts';

/** A message on its way to people, and the event that it belongs to. */
export interface Notice {
  /**
   * Derives from the causing event's id alone: letters, digits, dots, dashes and underscores. A channel that recognizes
   * repeats by an id of ours (a Message-ID, a file's name, a deduplication id) uses this one.
   */
  readonly key: string;
  readonly kind: NoticeKind;
  /** For channels that send data besides text. */
  readonly event: NotableEvent;
  /** The event's sequence in the log. */
  readonly seq: number;
  /** When the event was stored, on the broker's clock. */
  readonly storedAt: Date;
  readonly letter: Letter;
}

/** Why one of a channel's recipients (masked) did not get the message. */
export interface NotTold extends Reason {
  readonly recipient: string;
}

/**
 * The outcome of one try:
 * - `sent`: handed over. Where not all of the channel's recipients got it, `recipient` (masked) says who did, and
 *   `notTold` has the others, with the reasons;
 * - `refused`: for good; a further try would be refused too;
 * - `later`: not now; the same message can pass another time;
 * - `down`: the channel can't accept any message at present.
 *
 * `retryAfterMs`: the least wait that the other side asked for.
 */
export type Outcome =
  | {
      readonly kind: 'sent';
      readonly messageId?: string;
      readonly recipient?: string;
      readonly notTold?: readonly NotTold[];
    }
  | { readonly kind: 'refused'; readonly reason: Reason }
  | { readonly kind: 'later' | 'down'; readonly reason: Reason; readonly retryAfterMs?: number };

/** A way to reach people. Its failures are outcomes; it throws only if it has a bug. */
export interface Channel {
  /** The unique name by which set files (`notify`) and events refer to it. */
  readonly name: string;
  /** Whom it reaches, masked. */
  readonly recipient: string;
  /** The most messages a second; unlimited if missing. */
  readonly perSecond?: number;
  /** For how long the other side can keep one try waiting for its answer, in ms; if missing, not for long. */
  readonly tryWithinMs?: number;
  /** The kinds of notice that it is for; all if missing. */
  readonly notices?: readonly NoticeKind[];
  /** Whether it is used for sets that name no channel; true if missing. */
  readonly byDefault?: boolean;
  deliver(notice: Notice): Promise<Outcome>;
  /**
   * Which of its recipients (masked) already got the message with this key or were refused; undefined if none. Outcomes
   * leave it out, since messages that wait for the same channel share the reason why it is `down`.
   */
  othersOf?(key: string): string | undefined;
}

/** The final reason of a message, with what `Channel.othersOf` says about it. */
export const withOthers = (reason: Reason, others: string | undefined): Reason =>
  others === undefined ? reason : { ...reason, message: `${reason.message} (${others})` };

/** The event's id as one safe word: `moby-dick-20261122t205012-k3f9q2/completed/1` → `….completed.1`. */
export const noticeKey = (eventId: string): string =>
  eventId
    .split('/')
    .filter((part) => part !== '')
    .map((part) => part.replace(/[^\w-]/g, '-'))
    .join('.');
