/** An item's mark after an event. */
import type { Mark } from '../api/types.ts';

/** Done items stay done: only failed ones are requested again, so any other later request is a repeat. */
export const markAfter = (before: Mark | undefined, mark: Mark): Mark =>
  mark === 'r' && (before === 'p' || before === 'u' || before === 'c') ? before : mark;
