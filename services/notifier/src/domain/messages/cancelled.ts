/** What there is to say about a set that someone cancelled. */
import type { EventOf } from '@setlist/contracts';
import { setVariables } from './set-parts.ts';
import type { Variables } from './variables.ts';

export function cancelledVariables(
  { data, setId }: EventOf<'SetCancelled'> & { readonly setId: string },
  consoleUrl: string,
): Variables<'cancelled'> {
  const { set, counts, who, why = '' } = data;
  return { ...setVariables(setId, set, counts, consoleUrl), who, why };
}
