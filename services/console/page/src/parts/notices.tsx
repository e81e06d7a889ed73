/** What just happened, said once and read out by screen readers. */
import { signal } from '@preact/signals';
import { Refused } from '../api/client.ts';

interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'refused';
  readonly text: string;
}

const notices = signal<readonly Notice[]>([]);
const SHOWN_MS = 8_000;
let ids = 0;

export function say(text: string, kind: Notice['kind'] = 'done'): void {
  const notice = { id: ids++, kind, text };
  notices.value = [...notices.value, notice];
  setTimeout(() => {
    notices.value = notices.value.filter(({ id }) => id !== notice.id);
  }, SHOWN_MS);
}

export const sentenceOf = (error: unknown): string =>
  error instanceof Refused
    ? `${error.message}. ${error.remedy}`
    : 'The console can’t be reached: is it running?';

/** Does something, and says so where it is refused. */
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
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, kind, text }) => (
        <p key={id} class={`notice notice-${kind}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
