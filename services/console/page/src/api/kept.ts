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

/** In place of what was kept before. @returns whether it is kept; the page has it all the same */
export function keep(place: Place, key: string, value: string): boolean {
  try {
    window[place].setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
