/** The variables that each template can use: the code fills them, and operators' templates are checked against them. */
import type { NoticeKind } from '../notice-kind.ts';

const OF_A_FILE = [
  'setId',
  'name',
  'title',
  'file',
  'fileWord',
  'source',
  'report',
  'consoleUrl',
  'problems',
  'problemsShown',
] as const;
const OF_A_SET = [
  'setId',
  'name',
  'description',
  'location',
  'consoleUrl',
  'server',
  'completed',
  'failed',
  'items',
  'waitingItems',
  'cost',
  'characters',
] as const;
const OF_A_COMPLETION = [
  ...OF_A_SET,
  'successes',
  'failures',
  'failureCount',
  'failuresShown',
  'nothingSucceeded',
  'round',
  'saved',
  'took',
  'startedAt',
  'endedAt',
  'seal',
  'sealedEvents',
] as const;

export const VARIABLES = {
  rejected: OF_A_FILE,
  'over-budget': OF_A_FILE,
  completed: OF_A_COMPLETION,
  'completed-with-failures': OF_A_COMPLETION,
  stalled: [...OF_A_SET, 'since', 'quiet'],
  moving: [...OF_A_SET, 'stalledSince'],
  cancelled: [...OF_A_SET, 'who', 'why'],
} as const satisfies Record<NoticeKind, readonly string[]>;

const EMPTY_OF_A_FILE = ['name', 'consoleUrl'] as const;
const EMPTY_OF_A_SET = ['description', 'consoleUrl', 'server', 'cost'] as const;
const EMPTY_OF_A_COMPLETION = [...EMPTY_OF_A_SET, 'nothingSucceeded', 'round', 'saved'] as const;

/** The variables that are empty in some messages. */
export const MAY_BE_EMPTY = {
  rejected: EMPTY_OF_A_FILE,
  'over-budget': EMPTY_OF_A_FILE,
  completed: EMPTY_OF_A_COMPLETION,
  'completed-with-failures': EMPTY_OF_A_COMPLETION,
  stalled: [...EMPTY_OF_A_SET, 'characters'],
  moving: [...EMPTY_OF_A_SET, 'characters'],
  cancelled: [...EMPTY_OF_A_SET, 'characters', 'why'],
} as const satisfies { [K in NoticeKind]: readonly (typeof VARIABLES)[K][number][] };

/** A text for each variable of the kind; empty if there is nothing to say, which a template's section can test. */
export type Variables<K extends NoticeKind> = K extends NoticeKind
  ? Readonly<Record<(typeof VARIABLES)[K][number], string>>
  : never;
