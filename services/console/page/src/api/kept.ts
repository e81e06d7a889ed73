/**
 * What the browser keeps for the page. Some keep nothing, by their settings or for lack of room, and throw: what should
 * be kept then lives as long as the page.
 */
type Place = 'localStorage' | 'sessionStorage';

export function kept(place: Place, key: string): string | undefined {
  try {
    return window[place].getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** In place of what was kept before; `undefined` only takes that away. */
export function keep(place: Place, key: string, value: string | undefined): void {
  try {
    if (value === undefined) window[place].removeItem(key);
    else window[place].setItem(key, value);
  } catch {
    // The page has it all the same.
  }
}
