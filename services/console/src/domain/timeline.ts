/**
 * A set's history, small enough to be sent whole: each event's place in the log, its time, and what it did. Folding it
 * from the start up to any place gives the set's state at that place.
 */
import type { SetlistEvent } from '@setlist/contracts';
import type { LogRecord } from '@setlist/sets';
import { z } from 'zod';

/** What an event did to an item: `r` requested, `p` paid, `u` reused, `c` recovered, `f` failed. */
const ITEM_MARKS = ['r', 'p', 'u', 'c', 'f'] as const;
export type ItemMark = (typeof ITEM_MARKS)[number];

export const timelineSchema = z.object({
  setId: z.string(),
  /** Time of the first event, in ms since 1970; other times are relative to it. */
  from: z.int(),
  items: z
    .array(z.tuple([z.int(), z.int(), z.enum(ITEM_MARKS), z.int()]))
    .describe('sequence, ms after `from`, what happened, index of the item'),
  life: z
    .array(z.object({ seq: z.int(), ms: z.int(), event: z.string(), who: z.string().optional() }))
    .describe('what happened to the set as a whole'),
});
export type Timeline = z.infer<typeof timelineSchema>;

/** What a timeline tells of a record. */
export type ToldRecord = Pick<LogRecord, 'seq' | 'time' | 'event'>;

/** Characters per piece: about ten thousand events. */
const PIECE = 262_144;

/**
 * A {@link Timeline} as JSON, in pieces, from a set's records in the log's order. Each piece is made in a turn of its
 * own, so that a slow reader doesn't block the others.
 */
export async function* timelineJson(
  setId: string,
  records: AsyncGenerator<ToldRecord>,
  takeTurn: () => Promise<Disposable>,
): AsyncGenerator<string> {
  const life: Timeline['life'] = [];
  let from: number | undefined;
  let separator = '';
  const itemOf = ({ seq, time, event }: ToldRecord): string => {
    if (event === undefined) return '';
    from ??= time.getTime();
    const ms = time.getTime() - from;
    const mark = itemMark(event);
    if (mark === undefined) {
      life.push({ seq, ms, event: event.name, ...whoOf(event.data) });
      return '';
    }
    const item = `${separator}[${seq},${ms},"${mark.mark}",${mark.index}]`;
    separator = ',';
    return item;
  };
  try {
    for (let isStart = true, isEnd = false; !isEnd; isStart = false) {
      let items = '';
      {
        using _turn = await takeTurn();
        while (items.length < PIECE && !isEnd) {
          const next = await records.next();
          if (next.done) isEnd = true;
          else items += itemOf(next.value);
        }
      }
      const start = isStart ? `{"setId":${JSON.stringify(setId)},"from":${from ?? 0},"items":[` : '';
      yield `${start}${items}${isEnd ? `],"life":${JSON.stringify(life)}}` : ''}`;
    }
  } finally {
    await records.return(undefined);
  }
}

export function itemMark(event: SetlistEvent): { mark: ItemMark; index: number } | undefined {
  switch (event.name) {
    case 'ItemRequested':
      return { mark: 'r', index: event.data.index };
    case 'ItemCompleted':
      return { mark: MARK_OF[event.data.how], index: event.data.index };
    case 'ItemFailed':
      return { mark: 'f', index: event.data.index };
    default:
      return undefined;
  }
}

/** What completing an item did to it, by how its audio came. */
export const MARK_OF = { paid: 'p', reused: 'u', recovered: 'c' } as const;

const whoOf = (data: object): { who?: string } =>
  'who' in data && typeof data.who === 'string' ? { who: data.who } : {};
