/**
 * A list of any length, of which only the rows in sight exist; arrow keys go from row to row. Rows are of one height, so
 * that which are in sight is a division.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { paceOf, scrolledPx } from './list-pace.ts';

export interface VirtualListProps {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  /** Said where there are no rows. */
  readonly empty?: string;
  /** A row that is to be in sight. */
  readonly shown?: number;
  row(at: number): ComponentChildren;
}

interface Seen {
  readonly first: number;
  readonly rows: number;
  /** By how much rows stand beside where they would if all of them were scrolled through. */
  readonly shift: number;
}

/** Rows that exist out of sight, on both sides; drawn anew in steps of half of them, not with every pixel. */
const AHEAD = 8;
const STEP = AHEAD / 2;

export function VirtualList({ count, rowHeight, label, empty, shown, row }: VirtualListProps) {
  const rowsPx = count * rowHeight;
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef<number>(undefined);
  const [seen, setSeen] = useState<Seen>({ first: 0, rows: 20, shift: 0 });
  const look = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    const top = scrollTop * paceOf(rowsPx, clientHeight);
    const first = Math.floor(top / rowHeight / STEP) * STEP;
    const rows = Math.ceil(clientHeight / rowHeight);
    const shift = scrollTop - top;
    setSeen((before) => {
      if (before.first === first && before.rows === rows && before.shift === shift) return before;
      // Another number of rows in sight makes them anew: the focus goes to what was focused.
      if (before.rows !== rows) wantsFocus.current ??= rowInFocus(scroller.current);
      return { first, rows, shift };
    });
  };
  const bringInSight = (at: number): void => {
    const element = scroller.current;
    if (!element) return;
    const top = at * rowHeight;
    const lowest = top + rowHeight - element.clientHeight;
    const pace = paceOf(rowsPx, element.clientHeight);
    if (element.scrollTop * pace > top) element.scrollTop = Math.floor(top / pace);
    else if (element.scrollTop * pace < lowest) element.scrollTop = Math.ceil(lowest / pace);
    look();
  };
  // Begins with a look.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [rowsPx]);
  useEffect(() => {
    if (shown !== undefined && shown < count) bringInSight(shown);
  }, [shown, count]);
  const focusWanted = (): void => {
    const wanted = scroller.current?.querySelector<HTMLElement>(`[data-at="${wantsFocus.current}"]`);
    if (!wanted) return;
    wantsFocus.current = undefined;
    wanted.focus({ preventScroll: true });
  };
  // A row further away is there only once it has been drawn.
  useLayoutEffect(focusWanted);
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-at]');
    const isBare = event.target === row || event.target === scroller.current;
    const inSight = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight);
    const to = placeAfter(event.key, { at: Number(row?.dataset.at ?? -1), count, page: inSight });
    if (to !== undefined && isBare) {
      wantsFocus.current = to;
      bringInSight(to);
      focusWanted();
    } else if (!(row && isBare && press(row, event.key))) return;
    event.preventDefault();
  };
  return (
    <section
      class="list"
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onKeyDown={onKeyDown}
      onScroll={look}
    >
      {count === 0 && empty && <p class="empty-row">{empty}</p>}
      <ol class="list-inner" style={{ height: `${scrolledPx(rowsPx)}px` }}>
        {rowsBetween(seen.first - AHEAD, Math.min(count, seen.first + seen.rows + STEP + AHEAD)).map((at) => (
          <li
            // What is scrolled out of sight becomes what comes in sight: cheaper than making rows anew.
            key={at % (seen.rows + STEP + 2 * AHEAD)}
            class="list-row"
            tabIndex={-1}
            data-at={at}
            style={{ transform: `translateY(${at * rowHeight + seen.shift}px)`, height: `${rowHeight}px` }}
            aria-setsize={count}
            aria-posinset={at + 1}
          >
            {row(at)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function rowInFocus(list: HTMLElement | null): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('[data-at]');
  return row && list?.contains(row) ? Number(row.dataset.at) : undefined;
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

/** Presses what in the row says that this key is its own; whether there was something. */
function press(row: HTMLElement, key: string): boolean {
  const button = row.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  button?.click();
  return button !== null;
}
