/**
 * When the focused element is removed, moves the focus to its closest focusable container, or else back to where it came
 * from: otherwise a button that removes itself would send keyboard users to the top of the page (WCAG 2.4.3).
 */

/** Keeps the focus until the returned function is called. */
export function keepFocus(): () => void {
  const over = new AbortController();
  const { signal } = over;
  /** The element that was focused last, then its focusable containers, innermost first, then those focused before. */
  let places: readonly HTMLElement[] = [];
  /** The row of a list that the focus went to, if any. */
  let row: string | undefined;
  const note = (event: FocusEvent): void => {
    const nearby = placesIn(event.composedPath());
    if (event.type === 'focusin') row = rowOf(nearby[0]);
    // A list reuses its rows for others: the list itself gets the focus back.
    const before = places.filter(
      (place) => place.isConnected && !nearby.includes(place) && !place.closest('[data-at]'),
    );
    places = [...nearby, ...before];
  };
  /** After a click beside all controls, nothing is to get the focus back. */
  const forget = (): void => {
    if (isNowhere()) places = [];
  };
  const observer = new MutationObserver(() => {
    if (places[0]?.isConnected !== false) return;
    // Those that are hidden, as in a closed menu, don't take it, and a row that is reused must not.
    for (const place of [...places, document.querySelector('main')]) {
      if (isNowhere() && [undefined, row].includes(rowOf(place))) place?.focus({ preventScroll: true });
    }
  });
  addEventListener('focusin', note, { signal });
  // Focus that moves within the editor's shadow root is seen only when it leaves it.
  addEventListener('focusout', note, { signal });
  addEventListener('mouseup', forget, { signal });
  // Before the editor hears of it.
  addEventListener('keydown', pressOnce, { signal, capture: true });
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    over.abort();
    observer.disconnect();
  };
}

/** Which row of its list an element is in now; `undefined` if it is in none. */
const rowOf = (element: HTMLElement | null | undefined): string | undefined =>
  element?.closest<HTMLElement>('[data-at]')?.dataset.at;

const isNowhere = (): boolean => document.activeElement === document.body;

let enterWentTo: EventTarget | null = null;

/** Enter that is held on a button would otherwise act on what gets the focus from it, too. */
function pressOnce(event: KeyboardEvent): void {
  if (event.key !== 'Enter') return;
  if (!event.repeat) enterWentTo = event.target;
  else if (event.target !== enterWentTo || event.target instanceof HTMLButtonElement) event.preventDefault();
}

/** The element with the focus, which begins the path, and its focusable containers. */
const placesIn = (path: readonly EventTarget[]): HTMLElement[] =>
  path.filter(
    (place, at): place is HTMLElement =>
      place instanceof HTMLElement && (at === 0 || place.tabIndex >= 0 || place.hasAttribute('tabindex')),
  );
