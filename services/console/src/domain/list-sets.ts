/** Selects, sorts and pages a list of sets. */
import type { SetState, SetSummary } from '@setlist/contracts';
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

/** Lists newest first: a set that arrives while a client turns pages doesn't change the pages still to come. */
export function listSets(all: Iterable<SetSummary>, query: SetQuery): SetsPage {
  const { state, text = '', limit, after } = query;
  const wanted = text.toLowerCase();
  const matching = [...all]
    .filter((summary) => state === undefined || summary.state === state)
    .filter(({ set, setId }) => set.name.toLowerCase().includes(wanted) || setId.includes(wanted))
    .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
  const rest = after === undefined ? matching : matching.filter((summary) => placeOf(summary) < after);
  const sets = rest.slice(0, limit);
  const last = sets.at(-1);
  const next = rest.length > limit && last ? { next: cursorOf(placeOf(last)) } : {};
  return { sets, total: matching.length, ...next };
}

/** A unique key that sorts by time of acceptance. */
const placeOf = ({ acceptedAt, setId }: SetSummary): string => `${acceptedAt} ${setId}`;
