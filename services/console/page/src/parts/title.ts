/** What the page shows, in the browser's tab and as screen readers say it first. */
import { useEffect } from 'preact/hooks';

export function useTitle(words: string): void {
  useEffect(() => {
    document.title = `${words} · Setlist`;
  }, [words]);
}
