/** The page's addresses: plain paths, so that links and the back button work. */
import { signal } from '@preact/signals';

/** A trailing slash makes no difference. */
const here = (): string => location.pathname.replace(/(?<=.)\/$/, '');

export const path = signal(here());

addEventListener('popstate', () => {
  path.value = here();
  focusMain();
});

export function go(to: string): void {
  history.pushState(null, '', to);
  path.value = to;
  focusMain();
  scrollTo(0, 0);
}

/** Focuses the view, since the previous one may have had the focus. On going back, the browser restores the scroll. */
function focusMain(): void {
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** Click handler for links within the page; clicks with a modifier or another button are left to the browser. */
export function onLink(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(new URL(link.href).pathname);
}
