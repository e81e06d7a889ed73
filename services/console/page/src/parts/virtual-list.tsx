/**
 * A list of any length that renders only the rows in view. Arrow keys move between rows, and Tab goes through the
 * controls of the row with the focus and then on, past all other rows. All rows have the same height, so that a division
 * tells which ones are in view.
 */
// biome-ignore-all lint/a11y/useSemanticElements: the rows of a table can't be positioned
// biome-ignore-all lint/a11y/useFocusableInteractive: it is a row's cell that has the focus
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { isChord } from './chord.ts';
import { scrolledPx } from './list-pace.ts';
import { AHEAD, STEP, useRowFocus, useShown, useWindow } from './list-window.ts';
import { singleKeys } from './shortcuts.tsx';

export interface VirtualListProps {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  /** Shown if there are no rows. */
  readonly empty?: string;
  /** A row to scroll into view. */
  readonly shown?: number;
  /** @param tabIndex of its controls: only those of the row with the focus are tab stops */
  row(at: number, tabIndex: 0 | -1): ComponentChildren;
}

export function VirtualList({ count, rowHeight, label, empty, shown, row }: VirtualListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const focus = useRowFocus(scroller);
  const { seen, look, bringInSight, firstInSight, isInSight } = useWindow({
    scroller,
    count,
    rowHeight,
    beforeAnew: focus.keep,
  });
  useShown({ shown, count, bringInSight, isInSight });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isChord(event)) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-at]');
    const inSight = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight);
    // Without a row in focus, keys go on from what is in view.
    const at = Number(row?.dataset.at ?? firstInSight() - 1);
    const to = placeAfter(event.key, { at, count, page: inSight });
    if (to !== undefined) {
      bringInSight(to);
      focus.give(to);
    } else if (!row || event.target !== row || !press(row, event)) return;
    event.preventDefault();
  };
  return (
    // A grid, since screen readers leave the keys in one to the page.
    <div
      class="list"
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={Math.max(1, count)}
      onFocusIn={focus.entered}
      onKeyDown={onKeyDown}
      onScroll={look}
    >
      {count === 0 && empty && (
        <div role="row">
          <div class="empty-row" role="gridcell">
            {empty}
          </div>
        </div>
      )}
      <div class="list-inner" style={{ height: `${scrolledPx(count * rowHeight)}px` }}>
        {rowsBetween(seen.first - AHEAD, Math.min(count, seen.first + seen.rows + STEP + AHEAD)).map((at) => (
          // Rows scrolled out of view are reused for those scrolled in, which is cheaper than creating new ones.
          <div key={at % (seen.rows + STEP + 2 * AHEAD)} role="row" aria-rowindex={at + 1}>
            <div
              class="list-row"
              role="gridcell"
              tabIndex={-1}
              data-at={at}
              style={{ transform: `translateY(${at * rowHeight + seen.shift}px)`, height: `${rowHeight}px` }}
            >
              {row(at, at === focus.row ? 0 : -1)}
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}

const rowsBetween = (first: number, end: number): number[] => {
  const from = Math.max(0, first);
  return Array.from({ length: Math.max(0, end - from) }, (_, at) => from + at);
};

function placeAfter(
  key: string,
  { at, count, page }: { at: number; count: number; page: number },
): number | undefined {
  const within = (to: number): number | undefined =>
    count === 0 ? undefined : Math.max(0, Math.min(count - 1, to));
  switch (key) {
    case 'ArrowDown':
      return within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return within(at + page);
    case 'PageUp':
      return within(at - page);
    case 'Home':
      return within(0);
    case 'End':
      return within(count - 1);
    default:
      return undefined;
  }
}

/** Clicks the row's button for this key, unless the key repeats or single keys are off. @returns whether it did */
function press(row: HTMLElement, { key, repeat }: KeyboardEvent): boolean {
  if (repeat || (key.length === 1 && !singleKeys.value)) return false;
  const button = row.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  button?.click();
  return button !== null;
}
