/**
 * Where what has the focus goes away, the focus goes to what it stood in: a button that takes itself away would leave the
 * keyboard at the top of the page (WCAG 2.4.3).
 */

/** Until the function that it gives back is called. */
export function keepFocus(): () => void {
  /** What had the focus last, and what is around it, from within. */
  let places: readonly HTMLElement[] = [];
  const note = ({ target }: FocusEvent): void => {
    places = placesFrom(target as HTMLElement);
  };
  const observer = new MutationObserver(() => {
    if (places[0]?.isConnected !== false || document.activeElement !== document.body) return;
    places.find(({ isConnected }) => isConnected)?.focus({ preventScroll: true });
  });
  addEventListener('focusin', note);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    removeEventListener('focusin', note);
    observer.disconnect();
  };
}

function placesFrom(element: HTMLElement): HTMLElement[] {
  const places = [element];
  for (let place = element.parentElement; place; place = place.parentElement) {
    if (place.tabIndex >= 0 || place.hasAttribute('tabindex')) places.push(place);
  }
  return places;
}
