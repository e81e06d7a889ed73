/** The filter above a list of items, by state and by text. */
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Mark } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import { countOf } from '../parts/figures.ts';
import { type Filter, indexesOf, tally } from '../state/filter.ts';
import { useMatching } from '../state/matching.ts';
import type { OpenedSet } from '../state/set.ts';

type Marks = readonly (Mark | undefined)[];

/** @param version changes whenever `marks` do */
export function useFilter(opened: OpenedSet, marks: Marks, version: number) {
  const filter = useSignal<Filter>('all');
  const text = useSignal('');
  const { indexes: matching, waits } = useMatching(opened, text.value);
  const indexes = useMemo(
    () => indexesOf(marks, filter.value, matching),
    [marks, version, filter.value, matching],
  );
  // Read out when the filter changes, not with every event of a running set.
  const said = useMemo(() => waits ?? countOf(indexes.length, 'item'), [filter.value, matching, waits]);
  return { filter, text, indexes, said, waits };
}

export interface FilterBarProps {
  readonly filter: Signal<Filter>;
  readonly text: Signal<string>;
  readonly marks: Marks;
  /** Changes whenever `marks` do. */
  readonly version: number;
  /** What screen readers read out about the shown items. */
  readonly said: string;
  /** Commands for the items. */
  readonly children: ComponentChildren;
}

export function FilterBar({ filter, text, marks, version, said, children }: FilterBarProps) {
  const sums = useMemo(() => tally(marks), [marks, version]);
  return (
    <div class="tools">
      <Choices
        label="Which items"
        chosen={filter.value}
        choose={(value) => (filter.value = value)}
        options={[
          { value: 'all', name: 'All', count: marks.length },
          { value: 'todo', name: 'To go', count: sums.todo },
          { value: 'done', name: 'Done', count: sums.done },
          { value: 'reused', name: 'Reused', count: sums.reused },
          { value: 'failed', name: 'Failed', count: sums.failed },
        ]}
      />
      <span class="space" />
      {children}
      <input
        type="search"
        placeholder="Search texts and files"
        aria-label="Search texts and files"
        value={text.value}
        onInput={({ currentTarget: { value } }) => (text.value = value)}
      />
      <span class="hidden" role="status">
        {said}
      </span>
    </div>
  );
}
