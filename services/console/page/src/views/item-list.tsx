/** The items of a set, now or in the past: filtered by state and text, played, and retried. */
import { useSignal } from '@preact/signals';
import type { Mark, SetSummary } from '../api/types.ts';
import { countOf } from '../parts/figures.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import type { OpenedSet } from '../state/set.ts';
import { useChosen } from './chosen.ts';
import { FilterBar, useFilter } from './filter-bar.tsx';
import { ItemRow } from './item-row.tsx';
import { WhyFailed } from './why-failed.tsx';

const ROW_HEIGHT = 60;

export interface ItemListProps {
  readonly opened: OpenedSet;
  readonly summary: SetSummary;
  /** Each item's state, now or at a past moment. */
  readonly marks: readonly (Mark | undefined)[];
  /** Changes whenever `marks` do. */
  readonly version: number;
  /** Whether this shows a past moment, where no commands are offered. */
  readonly isPast?: boolean;
}

export function ItemList({ opened, summary, marks, version, isPast = false }: ItemListProps) {
  const { filter, text, indexes, said, waits } = useFilter(opened, marks, version);
  const explained = useSignal<number | undefined>(undefined);
  const canRetry = !isPast && summary.state === 'completed' && summary.counts.failed > 0;
  const { chosen, choose, retryChosen } = useChosen(summary.setId, marks);
  // Subscribes to the rows, so that they are drawn once they have arrived.
  opened.rows.version.value;
  return (
    <>
      <FilterBar filter={filter} text={text} marks={marks} version={version} said={said}>
        {canRetry && chosen.size > 0 && (
          <button type="button" class="main" onClick={retryChosen}>
            Retry {countOf(chosen.size, 'item')}
          </button>
        )}
      </FilterBar>
      <VirtualList
        count={indexes.length}
        rowHeight={ROW_HEIGHT}
        label="Items"
        empty={waits ?? 'No items match.'}
        row={(at, tabIndex) => {
          const index = indexes.at(at) ?? 0;
          return (
            <ItemRow
              index={index}
              mark={marks[index]}
              item={opened.rows.at(index)}
              setId={summary.setId}
              isPast={isPast}
              isChosen={chosen.has(index)}
              tabIndex={tabIndex}
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
