/** The time of day, for what says how long ago or how long still: it moves every other second while the page is seen. */
import { signal } from '@preact/signals';

const EVERY_MS = 2_000;

export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, EVERY_MS);
