/** What there is to say about a set that has stopped moving, and about one that moves again. */
import type { EventOf } from '@setlist/contracts';
import { setVariables } from './set-parts.ts';
import type { Variables } from './variables.ts';
import { duration, moment } from './wording.ts';

export function stalledVariables(
  { data, setId }: EventOf<'SetStalled'> & { readonly setId: string },
  consoleUrl: string,
): Variables<'stalled'> {
  const { set, counts, since, quietMs } = data;
  return {
    ...setVariables(setId, set, counts, consoleUrl),
    since: moment(since),
    quiet: duration(quietMs),
  };
}

export function unstalledVariables(
  { data, setId }: EventOf<'SetUnstalled'> & { readonly setId: string },
  consoleUrl: string,
): Variables<'moving'> {
  const { set, counts, stalledSince } = data;
  return { ...setVariables(setId, set, counts, consoleUrl), stalledSince: moment(stalledSince) };
}
