/**
 * A frame's id is a place in the log: everything up to it is in this frame or an earlier one. A watcher that reconnects
 * with an id therefore misses nothing; some changes can come twice, which is harmless.
 */
import type { SetSummary } from '@setlist/contracts';
import type { ItemMark } from '../domain/timeline.ts';

/** A complete frame of server-sent events. */
export type Frame = string;

/** A changed item: its index, what happened, and the event's place in the log. */
export type ItemChange = readonly [index: number, mark: ItemMark, seq: number];

/** The data of a `change` frame. */
export interface Change {
  readonly sets?: readonly SetSummary[];
  readonly items?: readonly ItemChange[];
}

/** They have no id, since they say nothing about the log. */
export const BEHIND: Frame = 'event: behind\ndata: {}\n\n';
export const AGAIN: Frame = 'event: hello\ndata: {}\n\n';

export function frameOf(id: number, event: 'hello' | 'change' | 'reset', data: Change): Frame {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
