/** A view whose code is fetched when it is shown first. */
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

export function lazy(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<ComponentType | undefined>(undefined);
  return () => {
    useEffect(() => {
      if (!loaded.value) void load().then((view) => (loaded.value = view));
    }, []);
    const View = loaded.value;
    return View ? <View /> : <p class="hint">Loading…</p>;
  };
}
