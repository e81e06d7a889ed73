/** Filters the items of a set by state. */
import type { Mark } from '../api/types.ts';

export type Filter = 'all' | 'todo' | 'done' | 'reused' | 'failed';

type Marks = readonly (Mark | undefined)[];

const FILTERS: Readonly<Record<Filter, (mark: Mark | undefined) => boolean>> = {
  all: () => true,
  todo: (mark) => mark === undefined || mark === 'r',
  done: (mark) => mark === 'p' || mark === 'u' || mark === 'c',
  reused: (mark) => mark === 'u',
  failed: (mark) => mark === 'f',
};

/** Indexes of the shown items, in order; those of a whole set are not materialized. */
export interface Indexes {
  readonly length: number;
  at(place: number): number | undefined;
}

export function indexesOf(marks: Marks, filter: Filter, matching: ReadonlySet<number> | undefined): Indexes {
  if (filter === 'all' && matching === undefined) return { length: marks.length, at: (place) => place };
  const wanted = FILTERS[filter];
  const indexes: number[] = [];
  for (let index = 0; index < marks.length; index++) {
    if (wanted(marks[index]) && (matching?.has(index) ?? true)) indexes.push(index);
  }
  return indexes;
}

export function tally(marks: Marks): Readonly<Record<Exclude<Filter, 'all'>, number>> {
  const sums = { todo: 0, done: 0, reused: 0, failed: 0 };
  for (const mark of marks) {
    if (mark === 'f') sums.failed++;
    else if (mark === undefined || mark === 'r') sums.todo++;
    else sums.done++;
    if (mark === 'u') sums.reused++;
  }
  return sums;
}
