/** The page's current colours, light or dark, for what scripts draw. */
import { signal } from '@preact/signals';

const dark = matchMedia('(prefers-color-scheme: dark)');

export const isDark = signal(dark.matches);
dark.addEventListener('change', () => {
  isDark.value = dark.matches;
});

/** The value of `var(--name)` on this element, as `rgb(…)`. */
export function colourOf(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}
