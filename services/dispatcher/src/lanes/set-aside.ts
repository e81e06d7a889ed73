/** Has an item retried a few times after an unexpected error, then fails it with the reason: never silently. */
import { internalError } from '../adapters/failures.ts';
import type { SettleDeps } from '../settle/deps.ts';
import type { Item } from '../settle/item.ts';
import { fail } from '../settle/outcome.ts';

/** How often an item can meet an unexpected error here before it is given up. */
const TROUBLES_BEFORE_FAILING = 5;

/**
 * @param troubles how often the item met an unexpected error here, including this one
 * @returns whether it was given up
 */
export async function setAside(
  deps: SettleDeps,
  item: Item,
  troubles: number,
  error: unknown,
): Promise<boolean> {
  deps.logger.error({ ...item.is, troubles, err: error }, 'an item met an unexpected error');
  if (troubles < TROUBLES_BEFORE_FAILING) return false;
  try {
    await fail(deps, item, internalError(error));
    return true;
  } catch (further) {
    deps.logger.error(
      { ...item.is, err: further },
      'could not record the failure; the item will be redelivered',
    );
    return false;
  }
}
