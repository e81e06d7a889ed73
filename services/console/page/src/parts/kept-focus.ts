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
  const note = ({ target }: FocusEvent): void => {
    const nearby = placesFrom(target as HTMLElement);
    places = [...nearby, ...places.filter((place) => place.isConnected && !nearby.includes(place))];
  };
  const observer = new MutationObserver(() => {
    if (places[0]?.isConnected !== false || document.activeElement !== document.body) return;
    const main = document.querySelector('main');
    (places.find(({ isConnected }) => isConnected) ?? main)?.focus({ preventScroll: true });
  });
  addEventListener('focusin', note, { signal });
  addEventListener('keydown', pressOnce, { signal });
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    over.abort();
    observer.disconnect();
  };
}

/** Enter that is held on a button would otherwise press the one to which the focus moves, too. */
function pressOnce(event: KeyboardEvent): void {
  const isHeld = event.repeat && event.key === 'Enter';
  if (isHeld && event.target instanceof HTMLButtonElement) event.preventDefault();
}

function placesFrom(element: HTMLElement): HTMLElement[] {
  const places = [element];
  for (let place = element.parentElement; place; place = place.parentElement) {
    if (place.tabIndex >= 0 || place.hasAttribute('tabindex')) places.push(place);
  }
  return places;
}
