/** Keyboard shortcuts, and the list of all of them. Single-key shortcuts can be turned off (WCAG 2.1.4). */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keep, kept } from '../api/kept.ts';
import { go } from '../router.ts';
import { isChord } from './chord.ts';
import { togglePlaying } from './player.tsx';

const KEPT_AS = 'setlist-single-keys';
export const singleKeys = signal(kept('localStorage', KEPT_AS) !== 'off');
const isShown = signal(false);

export function showShortcuts(): void {
  isShown.value = true;
}

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['g', 's'], 'go to the sets'],
  [['g', 'n'], 'write a new set'],
  [['g', 'q'], 'quota'],
  [['g', 'm'], 'money'],
  [['/'], 'search the current view'],
  [['p'], 'play or pause the player'],
  [['↑', '↓'], 'in a list: previous or next row; also Home, End, Page Up, Page Down'],
  [['Tab'], 'on a row: its buttons, then out of the list'],
  [['Enter'], 'on a row: play the item, or show the set at that event'],
  [['x'], 'on a failed item: select it'],
  [['r'], 'on a failed item: retry it'],
  [['Ctrl', 'Enter'], 'in the editor: hear the item at the cursor'],
  [['Ctrl', 'Space'], 'in the editor: complete'],
  [['F8'], 'in the editor: go to the next problem'],
  [['Esc', 'Tab'], 'leave the editor'],
  [['?'], 'this list'],
];

const PLACES: Readonly<Record<string, string>> = { s: '/', n: '/new', q: '/quota', m: '/money' };
/** Longest wait for the second key of a sequence. */
const SECOND_KEY_MS = 1_500;
let goingSince = 0;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input:not([type="checkbox"]), select, textarea, .editor');

function onKey(event: KeyboardEvent): void {
  if (isChord(event) || event.defaultPrevented) return;
  if (!singleKeys.value || isTyping(event.target) || document.querySelector('dialog[open]')) return;
  const place = performance.now() - goingSince < SECOND_KEY_MS ? PLACES[event.key] : undefined;
  goingSince = event.key === 'g' ? performance.now() : 0;
  if (place !== undefined) go(place);
  else if (event.key === '?') showShortcuts();
  else if (event.key === 'p') togglePlaying();
  else if (event.key === '/') document.querySelector<HTMLElement>('main input[type="search"]')?.focus();
  else return;
  event.preventDefault();
}

export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    if (isShown.value) dialog.current?.showModal();
  }, [isShown.value]);
  const setSingleKeys = (on: boolean): void => {
    singleKeys.value = on;
    keep('localStorage', KEPT_AS, on ? 'on' : 'off');
  };
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={() => (isShown.value = false)}>
      <h2 id="keys-title">Keyboard</h2>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <>
            <dt>
              {keys.map((key, at) => (
                <>
                  {at > 0 && ' '}
                  <kbd>{key}</kbd>
                </>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <form method="dialog" class="tools">
        <label class="tools">
          <input
            type="checkbox"
            checked={singleKeys.value}
            onChange={({ currentTarget: { checked } }) => setSingleKeys(checked)}
          />
          Enable single-key shortcuts
        </label>
        <span class="space" />
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
