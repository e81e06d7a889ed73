/** Short notices of what just happened, which screen readers read out. */
import { signal } from '@preact/signals';
import { Refused } from '../api/client.ts';
import { sentences } from './figures.ts';
import { Icon } from './icon.tsx';

interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'refused';
  readonly text: string;
}

const notices = signal<readonly Notice[]>([]);
const SHOWN_MS = 8_000;
let ids = 0;

/** Shows a notice; one of a refusal stays until it is closed. */
export function say(text: string, kind: Notice['kind'] = 'done'): void {
  const notice = { id: ids++, kind, text };
  notices.value = [...notices.value.filter((other) => other.text !== text), notice];
  if (kind === 'done') setTimeout(() => close(notice.id), SHOWN_MS);
}

function close(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export const sentenceOf = (error: unknown): string =>
  error instanceof Refused ? sentences(error) : 'The console can’t be reached: is it running?';

/** Runs `work`, and shows a notice if it fails. */
export async function trying<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    say(sentenceOf(error), 'refused');
    return undefined;
  }
}

export function Notices() {
  return (
    // Not a `status`, which is read out anew as a whole with each notice.
    <div class="notices" role="log" aria-label="Notices">
      {notices.value.map(({ id, kind, text }) => (
        <div key={id} class={`notice notice-${kind}`}>
          <p>{text}</p>
          <button
            type="button"
            class="quiet icon-only"
            aria-label="Close this notice"
            onClick={() => close(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
