/**
 * The browser's storage for the page. It can be disabled or full, and then throws: values then live only as long as the
 * page.
 */
type Place = 'localStorage' | 'sessionStorage';

export function kept(place: Place, key: string): string | undefined {
  try {
    return window[place].getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the stored value. @returns whether it could be stored */
export function keep(place: Place, key: string, value: string): boolean {
  try {
    window[place].setItem(key, value);
    return true;
  } catch {
    return false;
  }
}
