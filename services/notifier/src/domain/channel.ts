/** What the notifier asks of a channel: mail, chats, SNS, webhooks and folders fit the same door. */
import type { Reason } from '@setlist/contracts';
import type { Letter } from './messages/letter.ts';
import type { NotableEvent, NoticeKind } from './notice-kind.ts';

/** A message on its way to people, and the event that it belongs to. */
export interface Notice {
  /**
   * Follows from the causing event's id and from nothing else: letters, digits, dots, dashes and underscores. A
   * channel that can tell a repeat by an id of ours (a Message-ID, a file's name, a deduplication id) takes this one.
   */
  readonly key: string;
  readonly kind: NoticeKind;
  /** For channels that want data beside the words. */
  readonly event: NotableEvent;
  /** When the event was stored, on the broker's clock. */
  readonly storedAt: Date;
  readonly letter: Letter;
}

/**
 * What became of one try:
 * - `sent`: handed over; `recipient` (masked) where not everybody in the channel's own got it, `notTold` says who not;
 * - `refused`: for good, a further try would be refused too;
 * - `later`: not now; the same message may pass another time;
 * - `down`: the channel can't take any message at present.
 *
 * `retryAfterMs`: the least time that the other side asked to be left alone.
 */
export type Outcome =
  | {
      readonly kind: 'sent';
      readonly messageId?: string;
      readonly recipient?: string;
      readonly notTold?: readonly Reason[];
    }
  | { readonly kind: 'refused'; readonly reason: Reason }
  | { readonly kind: 'later' | 'down'; readonly reason: Reason; readonly retryAfterMs?: number };

/** A way to reach people. Its failures are outcomes; it throws only where it is wrong itself. */
export interface Channel {
  /** By which set files (`notify`) and events name it. One channel of a name. */
  readonly name: string;
  /** Whom it reaches, masked. */
  readonly recipient: string;
  /** Most messages a second; as many as come where left out. */
  readonly perSecond?: number;
  /** The kinds of notice that it is for; all of them where left out. */
  readonly notices?: readonly NoticeKind[];
  /** Whether it is used for sets that name no channel; it is where left out. */
  readonly byDefault?: boolean;
  /** Whether what is to go with the message is there. Asked before the message takes its turn; it is left out where nothing is. */
  isReady?(notice: Notice): Promise<boolean>;
  deliver(notice: Notice): Promise<Outcome>;
}

/** The event's id as one safe word: `moby-dick-20261122t205012-k3f9q2/completed/1` → `….completed.1`. */
export const noticeKey = (eventId: string): string =>
  eventId
    .split('/')
    .filter((part) => part !== '')
    .map((part) => part.replace(/[^\w-]/g, '-'))
    .join('.');
