/** Shows the steering of a set, by whom and why, to people and to scripts. */
import { countOf } from '@setlist/contracts';
import type { SteeringEvent } from '../follow/read-sets.ts';
import { localTime } from './text/local-time.ts';

/** `by jane@desk: the voice is not approved yet`. */
export const byWhom = ({ data: { who, why } }: SteeringEvent): string =>
  `by ${who}${why === undefined ? '' : `: ${why}`}`;

function deed(event: SteeringEvent): string {
  switch (event.name) {
    case 'SetPaused':
      return 'paused';
    case 'SetResumed':
      return 'resumed';
    case 'SetCancelled':
      return 'cancelled';
    case 'SetPrioritized':
      return `given ${event.data.priority} priority`;
    case 'SetRetried':
      return `${countOf(event.data.items, 'item')} asked for again`;
    default:
      return event satisfies never;
  }
}

/** `2026-11-27 23:06  paused by jane@desk: the voice is not approved yet`. */
export const steeringLine = (event: SteeringEvent): string =>
  `${localTime(event.time)}  ${deed(event)} ${byWhom(event)}`;

/** `did` is the event's name; `at` is in ISO 8601, by the tracker's clock. */
export const steeringJson = ({ name, data: { who, why }, time }: SteeringEvent) => ({
  did: name,
  who,
  ...(why === undefined ? {} : { why }),
  at: time,
});
