/**
 * The set file that is being written, kept in this browser until it is submitted: for this tab and, where another is
 * opened, to begin with there.
 */
import { effect, signal } from '@preact/signals';
import { postFile, Refused } from '../api/client.ts';
import { keep, kept } from '../api/kept.ts';
import type { Checked } from '../api/types.ts';

export interface Draft {
  readonly fileName: string;
  readonly text: string;
  /** Whether something was written that is in no file and was not submitted. */
  readonly isChanged: boolean;
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

const fresh = (): Draft => ({
  fileName: 'greetings.yml',
  text: EXAMPLE,
  isChanged: false,
  key: newKey(),
});

function keptDraft(): Draft {
  try {
    const text = kept('sessionStorage', KEPT_AS) ?? kept('localStorage', KEPT_AS) ?? '{}';
    return { ...fresh(), ...(JSON.parse(text) as Partial<Draft>) };
  } catch {
    return fresh();
  }
}

export const draft = signal<Draft>(keptDraft());

/** Whether the draft is there when the page is opened again. */
export const isKept = signal(true);

const begunWith = draft.peek();

/** What is too long takes nothing away that was kept before; a tab that is only opened takes away no other's. */
effect(() => {
  const text = draft.value.text.length > MOST_KEPT ? undefined : JSON.stringify(draft.value);
  const places =
    draft.value === begunWith ? (['sessionStorage'] as const) : (['sessionStorage', 'localStorage'] as const);
  isKept.value = text !== undefined && places.map((place) => keep(place, KEPT_AS, text)).includes(true);
});

addEventListener('beforeunload', (event) => {
  if (draft.peek().isChanged && !isKept.peek()) event.preventDefault();
});

/** Takes the text, or another name for it; what is submitted next is then another submission. */
export function edit(change: Partial<Pick<Draft, 'fileName' | 'text'>>): void {
  const before = draft.peek();
  const { text = before.text } = change;
  const isChanged = before.isChanged || text !== inEditor(before.text);
  draft.value = { ...before, ...change, isChanged, key: newKey() };
}

/** The editor has one kind of line end. */
const inEditor = (text: string): string => text.replace(/\r\n?/g, '\n');

/** Raised when the text has come from elsewhere than the editor. */
export const opened = signal(0);

/**
 * Takes a file that was dropped on the page, in place of the draft; asks first where that was changed.
 * Throws {@link Refused} for one that is not UTF-8.
 * @returns whether it was taken
 */
export async function draftOf(file: File): Promise<boolean> {
  const text = await textOf(file);
  const { fileName, isChanged } = draft.peek();
  const question = `${fileName} has changes that were not submitted. Replace it with ${file.name}?`;
  if (isChanged && !confirm(question)) return false;
  draft.value = { fileName: file.name, text, isChanged: false, key: newKey() };
  opened.value++;
  return true;
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
  draft.value = { ...draft.peek(), isChanged: false, key: newKey() };
}
