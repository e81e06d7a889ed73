/** The page's colours for what is drawn by script: light or dark, as it is now. */
import { signal } from '@preact/signals';

const dark = matchMedia('(prefers-color-scheme: dark)');

export const isDark = signal(dark.matches);
dark.addEventListener('change', () => {
  isDark.value = dark.matches;
});

/** What `var(--name)` is on this element: an `rgb(…)`. */
export function colourOf(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}
