/** The content of a message about a cancelled set. */
import type { EventOf } from '@setlist/contracts';
import { type Access, costVariables, setVariables } from './set-parts.ts';
import type { Variables } from './variables.ts';

export function cancelledVariables(
  { data, setId }: EventOf<'SetCancelled'> & { readonly setId: string },
  access: Access,
): Variables<'cancelled'> {
  const { set, counts, who, why = '' } = data;
  return { ...setVariables(setId, set, counts, access), ...costVariables(data), who, why };
}
