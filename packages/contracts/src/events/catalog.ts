/** Every event, by name, and the types derived from the catalogue. */
import type { z } from 'zod';
import { versionedType } from './define.ts';
import { ItemCompleted, ItemFailed, ItemRequested } from './item-events.ts';
import { NotificationFailed, NotificationSent } from './notification-events.ts';
import {
  SetAccepted,
  SetCancelled,
  SetCompleted,
  SetPaused,
  SetPrioritized,
  SetRejected,
  SetResumed,
  SetRetried,
  SetStalled,
  SetUnstalled,
} from './set-events.ts';
import { SoundClaimed, SoundFreed, SoundPaid, SoundTaskStarted } from './sound-events.ts';

export const EVENTS = {
  SetAccepted,
  SetRejected,
  ItemRequested,
  SoundClaimed,
  SoundTaskStarted,
  SoundPaid,
  SoundFreed,
  ItemCompleted,
  ItemFailed,
  SetCompleted,
  SetStalled,
  SetUnstalled,
  SetPaused,
  SetResumed,
  SetCancelled,
  SetPrioritized,
  SetRetried,
  NotificationSent,
  NotificationFailed,
} as const;

export type EventName = keyof typeof EVENTS;
export type EventData<N extends EventName> = z.infer<(typeof EVENTS)[N]['data']>;

/** An event as the code sees it: in its newest shape, whatever version was stored. */
export type EventOf<N extends EventName> = {
  readonly name: N;
  /** Deterministic: the same fact twice has the same id. */
  readonly id: string;
  readonly source: string;
  /** ISO 8601, on the author's clock. Decisions use the broker's time of the record instead. */
  readonly time: string;
  /** The set that the event belongs to; sounds belong to none. */
  readonly setId?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly data: EventData<N>;
};

export type SetlistEvent = { [N in EventName]: EventOf<N> }[EventName];

/** Event names by versioned CloudEvents type, newest versions only. */
export const NAME_OF_TYPE: ReadonlyMap<string, EventName> = new Map(
  Object.entries(EVENTS).map(([name, definition]) => [versionedType(definition), name as EventName]),
);
