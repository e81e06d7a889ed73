/** A set's summary at its first event. */
import type { EventData, SetSummary } from '@setlist/contracts';
import { EMPTY_CHAIN } from './chain.ts';
import { NO_MONEY } from './money.ts';

/** The most problems of a rejected set that its summary shows; the event and the report beside the file have all. */
const PROBLEMS_SHOWN = 20;

interface Beginning {
  readonly setId: string;
  readonly seq: number;
  /** The broker's time of the event. */
  readonly time: string;
}

/** No item has been requested yet; all of them are awaited. */
export function acceptedSet(data: EventData<'SetAccepted'>, { setId, seq, time }: Beginning): SetSummary {
  return {
    setId,
    run: data.run,
    set: data.set,
    state: 'running',
    provider: data.provider,
    priority: data.priority,
    source: data.source.uri,
    lanes: data.lanes,
    usdPerMillion: data.usdPerMillion,
    ...nothingDone(data.itemCount),
    estimatedUsd: data.estimatedUsd,
    acceptedAt: time,
    startedAt: time,
    ...nothingFolded({ seq, at: time }),
  };
}

/** A rejected set ends with its first event. Without a readable name, it is named after its source. */
export function rejectedSet(data: EventData<'SetRejected'>, { setId, seq, time }: Beginning): SetSummary {
  return {
    setId,
    run: data.run,
    set: { name: data.name || data.source.uri, location: '', notify: data.notify },
    state: 'rejected',
    priority: 'normal',
    source: data.source.uri,
    lanes: [],
    usdPerMillion: {},
    ...nothingDone(0),
    estimatedUsd: NO_MONEY,
    acceptedAt: time,
    startedAt: time,
    endedAt: time,
    problems: data.problems.slice(0, PROBLEMS_SHOWN),
    problemCount: data.problemCount,
    ...nothingFolded({ seq, at: time }),
  };
}

const nothingDone = (itemCount: number) => ({
  round: 1,
  counts: {
    total: itemCount,
    completed: 0,
    failed: 0,
    paid: 0,
    reused: 0,
    recovered: 0,
    requested: 0,
    awaited: itemCount,
  },
  billedCharacters: 0,
  sparedCharacters: 0,
  costUsd: NO_MONEY,
  savedUsd: NO_MONEY,
});

const nothingFolded = (moved: SetSummary['moved']) => ({
  failures: [],
  moved,
  chain: EMPTY_CHAIN,
  stateSeq: 0,
  lastSeq: 0,
});
