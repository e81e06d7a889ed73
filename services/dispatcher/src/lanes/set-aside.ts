/** What nobody foresaw: tried again a few times, then ended with its reason, never in silence and never for ever. */
import type { Desk, Item } from '../settle/desk.ts';
import { fail } from '../settle/outcome.ts';

/** So often an item may be handed out and end in something unexpected. */
const DELIVERIES_BEFORE_FAILING = 5;

/** A stop is expected; anything else that is thrown up to here is not. */
export const isUnexpected = (error: unknown): boolean =>
  !(error instanceof Error && (error.name === 'AbortError' || error.name === 'BrokerUnavailable'));

/** @returns whether the item was given up for good */
export async function setAside(desk: Desk, item: Item, error: unknown): Promise<boolean> {
  desk.logger.error(
    { ...item.is, deliveries: item.work.deliveries, err: error },
    'an item met something unexpected',
  );
  if (item.work.deliveries < DELIVERIES_BEFORE_FAILING) return false;
  try {
    await fail(desk, item, {
      code: 'internal-error',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      remedy: 'This is a fault of Setlist’s: please report it with the dispatcher’s log.',
    });
    return true;
  } catch (further) {
    desk.logger.error({ ...item.is, err: further }, 'the failure could not be noted; the item comes again');
    return false;
  }
}
