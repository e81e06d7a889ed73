/** A view whose code is fetched when it is first shown. */
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

export function lazy(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<ComponentType | undefined>(undefined);
  const hasFailed = signal(false);
  return () => {
    useEffect(() => {
      if (loaded.value) return;
      hasFailed.value = false;
      load().then(
        (view) => (loaded.value = view),
        () => (hasFailed.value = true),
      );
    }, []);
    const View = loaded.value;
    if (View) return <View />;
    return hasFailed.value ? <NotFetched /> : <p class="hint">Loading…</p>;
  };
}

/** For example after an upgrade of the console: once reloaded, the page knows the new files. */
function NotFetched() {
  return (
    <div class="empty">
      <h1>This view can’t be shown</h1>
      <p>The console can’t be reached, or has been upgraded since this page was opened.</p>
      <button type="button" onClick={() => location.reload()}>
        Reload the page
      </button>
    </div>
  );
}
