/** What becomes of an item from one event to the next. */
import type { Mark } from '../api/types.ts';

/** What is done stays done: nothing is asked for again but what failed, so that a later request is a repeat. */
export const markAfter = (before: Mark | undefined, mark: Mark): Mark =>
  mark === 'r' && (before === 'p' || before === 'u' || before === 'c') ? before : mark;
