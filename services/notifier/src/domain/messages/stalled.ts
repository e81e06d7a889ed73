/** The content of messages about a set that has stalled, and about one that moves again. */
import { duration, type EventOf } from '@setlist/contracts';
import { type Access, costVariables, setVariables } from './set-parts.ts';
import type { Variables } from './variables.ts';
import { moment } from './wording.ts';

export function stalledVariables(
  { data, setId }: EventOf<'SetStalled'> & { readonly setId: string },
  access: Access,
): Variables<'stalled'> {
  const { set, counts, since, quietMs } = data;
  return {
    ...setVariables(setId, set, counts, access),
    ...costVariables(data),
    since: moment(since),
    quiet: duration(quietMs),
  };
}

export function unstalledVariables(
  { data, setId }: EventOf<'SetUnstalled'> & { readonly setId: string },
  access: Access,
): Variables<'moving'> {
  const { set, counts, stalledSince } = data;
  return {
    ...setVariables(setId, set, counts, access),
    ...costVariables(data),
    stalledSince: moment(stalledSince),
  };
}
