/** The set file that is being written, kept in this browser until it is submitted. */
import { effect, signal } from '@preact/signals';

export interface Draft {
  readonly fileName: string;
  readonly text: string;
  /** Makes a submission that is repeated by a flaky network one submission. */
  readonly key: string;
}

const KEY = 'setlist-draft';
const EXAMPLE = `set:
  name: greetings

defaults:
  engine: neural
  voice-id: Joanna

items:
  - text: Good morning.
  - text: Good evening.
    voice-id: Matthew
`;

const fresh = (): Draft => ({ fileName: 'greetings.yml', text: EXAMPLE, key: crypto.randomUUID() });

function kept(): Draft {
  try {
    return { ...fresh(), ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Draft>) };
  } catch {
    return fresh();
  }
}

export const draft = signal<Draft>(kept());
effect(() => localStorage.setItem(KEY, JSON.stringify(draft.value)));

/** Takes a file that was dropped on the page. */
export async function draftOf(file: File): Promise<void> {
  draft.value = { fileName: file.name, text: await file.text(), key: crypto.randomUUID() };
}
