/** The page's addresses: plain paths, so that each can be linked to and gone back to. */
import { signal } from '@preact/signals';

/** With or without a slash behind it, it is the same address. */
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

/** What was left may have had the focus. Going back, the browser scrolls to where one was. */
function focusMain(): void {
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** For links within the page; a click with a modifier, or by another button, is the browser's. */
export function onLink(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(new URL(link.href).pathname);
}
