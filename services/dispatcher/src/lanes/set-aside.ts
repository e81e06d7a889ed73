/** What nobody foresaw: tried again a few times, then ended with its reason, never in silence and never for ever. */
import { internalError } from '../adapters/failures.ts';
import type { SettleDeps } from '../settle/deps.ts';
import type { Item } from '../settle/item.ts';
import { fail } from '../settle/outcome.ts';

/** So often an item may end in something unexpected here before it is given up. */
const TROUBLES_BEFORE_FAILING = 5;

/** @param troubles how often it met something unexpected here, this time included. @returns whether it was given up */
export async function setAside(
  deps: SettleDeps,
  item: Item,
  troubles: number,
  error: unknown,
): Promise<boolean> {
  deps.logger.error({ ...item.is, troubles, err: error }, 'an item met something unexpected');
  if (troubles < TROUBLES_BEFORE_FAILING) return false;
  try {
    await fail(deps, item, internalError(error));
    return true;
  } catch (further) {
    deps.logger.error({ ...item.is, err: further }, 'the failure could not be noted; the item comes again');
    return false;
  }
}
