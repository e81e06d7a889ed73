/** Sets the page's title, for the browser's tab and for screen readers. */
import { useEffect } from 'preact/hooks';

export function useTitle(words: string): void {
  useEffect(() => {
    document.title = `${words} · Setlist`;
  }, [words]);
}
