/** Which rows of a long list are in sight, and which of them has the focus. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { paceOf } from './list-pace.ts';

/** Rows that exist out of sight, on both sides; drawn anew in steps of half of them, not with every pixel. */
export const AHEAD = 8;
export const STEP = AHEAD / 2;

interface Seen {
  readonly first: number;
  readonly rows: number;
  /** By how much rows stand beside where they would if all of them were scrolled through. */
  readonly shift: number;
}

interface WindowOf {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly rowHeight: number;
  /** Called before rows are made anew. */
  beforeAnew(): void;
}

export function useWindow({ scroller, count, rowHeight, beforeAnew }: WindowOf) {
  const rowsPx = count * rowHeight;
  const [seen, setSeen] = useState<Seen>({ first: 0, rows: 20, shift: 0 });
  const look = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    const top = scrollTop * paceOf(rowsPx, clientHeight);
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
  // Begins with a look.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [rowsPx]);
  return { seen, look, bringInSight };
}

/** A row further away is there only once it has been drawn: it gets the focus then. */
export function useRowFocus(list: RefObject<HTMLElement | null>) {
  const wanted = useRef<number>(undefined);
  const giveWanted = (): void => {
    const row = list.current?.querySelector<HTMLElement>(`[data-at="${wanted.current}"]`);
    if (!row) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  };
  useLayoutEffect(giveWanted);
  return {
    give(at: number): void {
      wanted.current = at;
      giveWanted();
    },
    /** Another number of rows in sight makes them anew: the focus goes to what was focused. */
    keep(): void {
      wanted.current ??= rowInFocus(list.current);
    },
  };
}

function rowInFocus(list: HTMLElement | null): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('[data-at]');
  return row && list?.contains(row) ? Number(row.dataset.at) : undefined;
}
