/** Tracks which rows of a long list are in view, and which of them has the focus. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { paceOf } from './list-pace.ts';

/** Rows to render out of view, on both sides; the window moves in steps of half of them, not with every pixel. */
export const AHEAD = 8;
export const STEP = AHEAD / 2;

interface Seen {
  readonly first: number;
  readonly rows: number;
  /** Offset of the rows, in px, from where they would be if the scroll range had its full height. */
  readonly shift: number;
}

interface WindowOf {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly rowHeight: number;
  /** Called before rows are recreated. */
  beforeAnew(): void;
}

export function useWindow({ scroller, count, rowHeight, beforeAnew }: WindowOf) {
  const rowsPx = count * rowHeight;
  const [seen, setSeen] = useState<Seen>({ first: 0, rows: 20, shift: 0 });
  /** Scroll position and height of the view, and where it begins in px of the rows. */
  const view = () => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    return { scrollTop, clientHeight, top: scrollTop * paceOf(rowsPx, clientHeight) };
  };
  const look = (): void => {
    const { scrollTop, clientHeight, top } = view();
    const first = Math.floor(top / rowHeight / STEP) * STEP;
    const rows = Math.ceil(clientHeight / rowHeight);
    const shift = scrollTop - top;
    setSeen((before) => {
      if (before.first === first && before.rows === rows && before.shift === shift) return before;
      if (before.rows !== rows) beforeAnew();
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
  /** The first row whose top is in view. */
  const firstInSight = (): number => Math.ceil(view().top / rowHeight);
  const isInSight = (at: number): boolean => {
    const { top, clientHeight } = view();
    return (at + 1) * rowHeight > top && at * rowHeight < top + clientHeight;
  };
  // The observer calls `look` at once.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [rowsPx]);
  return { seen, look, bringInSight, firstInSight, isInSight };
}

interface Showing extends Pick<ReturnType<typeof useWindow>, 'bringInSight' | 'isInSight'> {
  readonly shown: number | undefined;
  readonly count: number;
}

/** Scrolls to the shown row; when the list has grown, only if the row that was shown before is in view. */
export function useShown({ shown, count, bringInSight, isInSight }: Showing): void {
  const before = useRef({ shown, count });
  useEffect(() => {
    const { shown: previous = 0, count: had } = before.current;
    before.current = { shown, count };
    if (shown === undefined || shown >= count) return;
    if (count === had || isInSight(previous)) bringInSight(shown);
  }, [shown, count]);
}

/**
 * Focuses rows; one out of view is focused once it has been rendered. When the row with the focus is scrolled out of
 * view, the list gets it: the row's element is reused for another row, which keys must not reach.
 */
export function useRowFocus(list: RefObject<HTMLElement | null>) {
  const [row, setRow] = useState<number>();
  const wanted = useRef<number>(undefined);
  const entered = useRef<number>(undefined);
  const enter = (at: number | undefined): void => {
    entered.current = at;
    setRow(at);
  };
  const giveWanted = (): void => {
    const element = list.current?.querySelector<HTMLElement>(`[data-at="${wanted.current}"]`);
    if (!element) return;
    // A reused element may have the focus already.
    enter(wanted.current);
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    giveWanted();
    const at = rowInFocus(list.current);
    if (at !== undefined && at !== entered.current) list.current?.focus({ preventScroll: true });
  });
  return {
    /** The row that had the focus last, itself or in one of its controls; `undefined` if the list did. */
    row,
    give(at: number): void {
      wanted.current = at;
      giveWanted();
    },
    /** Restores the focus after rows are recreated, as when the number of rows in view changes. */
    keep(): void {
      wanted.current ??= rowInFocus(list.current);
    },
    /** Called when an element in the list gets the focus. */
    entered(): void {
      enter(rowInFocus(list.current));
    },
  };
}

function rowInFocus(list: HTMLElement | null): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('[data-at]');
  return row && list?.contains(row) ? Number(row.dataset.at) : undefined;
}
