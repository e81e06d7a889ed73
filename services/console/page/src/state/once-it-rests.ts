/** Debounces work until its input, such as a text being typed, has stayed the same for a moment. */

/** Starts the work after a rest. @returns a function that cancels it, whether or not it has started */
export function onceItRests(ms: number, work: (aborted: AbortSignal) => void): () => void {
  const changed = new AbortController();
  const timer = setTimeout(() => work(changed.signal), ms);
  return () => {
    clearTimeout(timer);
    changed.abort();
  };
}
