/** Work that waits for what it depends on to stay as it is for a moment, as a text that is being written. */

/** Begins the work after so long. What comes back calls it off, whether or not it has begun. */
export function onceItRests(ms: number, work: (aborted: AbortSignal) => void): () => void {
  const changed = new AbortController();
  const timer = setTimeout(() => work(changed.signal), ms);
  return () => {
    clearTimeout(timer);
    changed.abort();
  };
}
