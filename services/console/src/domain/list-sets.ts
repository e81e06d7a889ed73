/** Selects and pages a list of sets. */
import { newestFirst, type SetPlace, type SetState, type SetSummary } from '@setlist/contracts';
import { cursorOf } from './cursor.ts';

export interface SetQuery {
  readonly state?: SetState | undefined;
  /** Part of the name, in any letter case. */
  readonly text?: string | undefined;
  readonly limit: number;
  /** The page begins after the set with this place. */
  readonly after?: string | undefined;
}

export interface SetsPage {
  readonly sets: readonly SetSummary[];
  /** How many sets match, on all pages. */
  readonly total: number;
  readonly next?: string;
}

/**
 * Lists newest first, as `all` must be: a set that arrives while a client turns pages doesn't change the pages still to
 * come.
 */
export function listSets(all: readonly SetSummary[], query: SetQuery): SetsPage {
  const { state, text = '', limit, after } = query;
  const wanted = text.toLowerCase();
  const matching = all
    .filter((summary) => state === undefined || summary.state === state)
    .filter(
      ({ set, setId }) => wanted === '' || set.name.toLowerCase().includes(wanted) || setId.includes(wanted),
    );
  const rest = after === undefined ? matching : behind(matching, placeIn(after));
  const sets = rest.slice(0, limit);
  const last = sets.at(-1);
  const next = rest.length > limit && last ? { next: cursorOf(`${last.acceptedAt} ${last.setId}`) } : {};
  return { sets, total: matching.length, ...next };
}

function behind(sets: readonly SetSummary[], place: SetPlace): readonly SetSummary[] {
  const first = sets.findIndex((summary) => newestFirst(summary, place) > 0);
  return first === -1 ? [] : sets.slice(first);
}

function placeIn(cursor: string): SetPlace {
  const [acceptedAt = '', setId = ''] = cursor.split(' ', 2);
  return { acceptedAt, setId };
}
