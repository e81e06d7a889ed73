/** The set file that is being written, kept in this browser until it is submitted. */
import { effect, signal } from '@preact/signals';
import { postFile, Refused } from '../api/client.ts';
import { keep, kept } from '../api/kept.ts';
import type { Checked } from '../api/types.ts';

export interface Draft {
  readonly fileName: string;
  readonly text: string;
  /** Makes a submission that is repeated by a flaky network one submission. */
  readonly key: string;
}

const KEPT_AS = 'setlist-draft';
/** Browsers keep some five megabytes for a site; what is larger lives as long as the tab. */
const MOST_KEPT = 1_000_000;
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

/** Also where `crypto.randomUUID` is missing: on pages that came over plain HTTP from elsewhere. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const fresh = (): Draft => ({ fileName: 'greetings.yml', text: EXAMPLE, key: newKey() });

function keptDraft(): Draft {
  try {
    return { ...fresh(), ...(JSON.parse(kept('localStorage', KEPT_AS) ?? '{}') as Partial<Draft>) };
  } catch {
    return fresh();
  }
}

export const draft = signal<Draft>(keptDraft());

effect(() => {
  const isTooLong = draft.value.text.length > MOST_KEPT;
  keep('localStorage', KEPT_AS, isTooLong ? undefined : JSON.stringify(draft.value));
});

/** Takes the text, or another name for it; what is submitted next is then another submission. */
export function edit(change: Partial<Pick<Draft, 'fileName' | 'text'>>): void {
  draft.value = { ...draft.value, ...change, key: newKey() };
}

/** Raised when the text has come from elsewhere than the editor. */
export const opened = signal(0);

/** Takes a file that was dropped on the page. Throws {@link Refused} for one that is not UTF-8. */
export async function draftOf(file: File): Promise<void> {
  edit({ fileName: file.name, text: await textOf(file) });
  opened.value++;
}

/** Letters that were guessed at would be spoken, and paid for. */
async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw await whyNoText(file.name, bytes);
  }
}

/** As whoever checks the file itself words it. */
async function whyNoText(fileName: string, bytes: ArrayBuffer): Promise<Refused> {
  const answer = await postFile(`/validate?fileName=${encodeURIComponent(fileName)}`, bytes);
  const { problems } = (await answer.json()) as Checked;
  const { message, remedy } = problems[0] ?? { message: 'the file is not UTF-8', remedy: 'save it as UTF-8' };
  return new Refused(422, { detail: `${fileName}: ${message}`, remedy });
}

/** What is submitted next is another submission, also of the same text. */
export function submitted(): void {
  edit({});
}
