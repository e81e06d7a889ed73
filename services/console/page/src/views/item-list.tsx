/** The items of a set as they stand or stood: found by state and text, played, and retried. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Mark, SetSummary } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import { countOf } from '../parts/figures.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import { type Filter, indexesOf, tally } from '../state/filter.ts';
import { useMatching } from '../state/matching.ts';
import type { OpenedSet } from '../state/set.ts';
import { steer } from './commands.tsx';
import { ItemRow } from './item-row.tsx';
import { WhyFailed } from './why-failed.tsx';

const ROW_HEIGHT = 60;

export interface ItemListProps {
  readonly opened: OpenedSet;
  readonly summary: SetSummary;
  /** What became of each item, now or at another moment. */
  readonly marks: readonly (Mark | undefined)[];
  /** Changes whenever `marks` do. */
  readonly version: number;
  /** Whether this is another moment than now: then nothing can be done. */
  readonly isPast?: boolean;
}

export function ItemList({ opened, summary, marks, version, isPast = false }: ItemListProps) {
  const filter = useSignal<Filter>('all');
  const text = useSignal('');
  const { indexes: matching, waits } = useMatching(opened.setId, text.value);
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const sums = useMemo(() => tally(marks), [marks, version]);
  const indexes = useMemo(
    () => indexesOf(marks, filter.value, matching),
    [marks, version, filter.value, matching],
  );
  // Read out when somebody has asked for it, not with whatever happens in a set that runs.
  const said = useMemo(() => waits ?? countOf(indexes.length, 'item'), [filter.value, matching, waits]);
  const explained = useSignal<number | undefined>(undefined);
  const canRetry = !isPast && summary.state === 'completed' && summary.counts.failed > 0;
  const choose = (index: number, wanted: boolean): void => {
    const next = new Set(chosen.value);
    if (wanted) next.add(index);
    else next.delete(index);
    chosen.value = next;
  };
  const retryChosen = async (): Promise<void> => {
    const chosenOnes = [...chosen.value];
    chosen.value = new Set();
    await steer(
      summary.setId,
      'retry',
      { indexes: chosenOnes },
      `${countOf(chosenOnes.length, 'item')} asked for again.`,
    );
  };
  // Rows that have come are drawn by it.
  opened.rows.version.value;
  return (
    <>
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
        {canRetry && chosen.value.size > 0 && (
          <button type="button" class="main" onClick={retryChosen}>
            Retry {countOf(chosen.value.size, 'item')}
          </button>
        )}
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
      <VirtualList
        count={indexes.length}
        rowHeight={ROW_HEIGHT}
        label="Items"
        empty={waits ?? 'No item is like this.'}
        row={(at) => {
          const index = indexes.at(at) ?? 0;
          return (
            <ItemRow
              index={index}
              mark={marks[index]}
              item={opened.rows.at(index)}
              setId={summary.setId}
              isPast={isPast}
              isChosen={chosen.value.has(index)}
              explain={(failed) => (explained.value = failed)}
              {...(canRetry ? { choose } : {})}
            />
          );
        }}
      />
      {explained.value !== undefined && (
        <WhyFailed
          index={explained.value}
          item={opened.rows.at(explained.value)}
          close={() => (explained.value = undefined)}
          {...(canRetry ? { setId: summary.setId } : {})}
        />
      )}
    </>
  );
}
