/** The current time, for relative times: updated every other second while the page is visible. */
import { signal } from '@preact/signals';

const EVERY_MS = 2_000;

export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, EVERY_MS);
