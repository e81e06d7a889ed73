/**
 * The set file that is being written. The browser stores it until it is submitted: for this tab, and as the initial
 * draft of new tabs.
 */
import { effect, signal } from '@preact/signals';
import { postFile, Refused } from '../api/client.ts';
import { keep, kept } from '../api/kept.ts';
import type { Checked } from '../api/types.ts';

export interface Draft {
  readonly fileName: string;
  readonly text: string;
  /** Whether it has changes that are neither in a file nor submitted. */
  readonly isChanged: boolean;
  /** Whether it was opened or changed in this tab, not only taken over from another. */
  readonly isMine: boolean;
  /** Idempotency key: a submission that is retried on a flaky network takes effect once. */
  readonly key: string;
}

const KEPT_AS = 'setlist-draft';
/** Where this tab keeps the key with which it last tried to submit. */
const TRIED_AS = 'setlist-tried';
/** Longest draft to store, in characters. Browsers store about 5 MB per site; a longer draft lives only in the tab. */
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

/** Works without `crypto.randomUUID`, which pages over plain HTTP from another host don't have. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const fresh = (): Draft => ({
  fileName: 'greetings.yml',
  text: EXAMPLE,
  isChanged: false,
  isMine: false,
  key: newKey(),
});

function stored(place: 'localStorage' | 'sessionStorage'): Partial<Draft> | undefined {
  try {
    return JSON.parse(kept(place, KEPT_AS) ?? '') as Partial<Draft>;
  } catch {
    return undefined;
  }
}

/** This tab's draft from before it was reloaded, or that of the tab of which it is a duplicate. */
const own = stored('sessionStorage');

/**
 * Only a submission that was tried keeps its key, since it may have arrived: repeated after a reload, or in a duplicate
 * of the tab, it counts once. With the key of the tab that wrote the draft, this tab's submission would count as a
 * repetition of that one's.
 */
function firstDraft(): Draft {
  const isTried = own !== undefined && own.key === kept('sessionStorage', TRIED_AS);
  const initial = own ?? { ...stored('localStorage'), isMine: false };
  return { ...fresh(), ...initial, ...(isTried ? {} : { key: newKey() }) };
}

export const draft = signal<Draft>(firstDraft());

/** Whether the draft will be there when the page is opened again. */
export const isKept = signal(true);

const begunWith = draft.peek();

/** A draft that is too long doesn't replace the stored one; a tab that was only opened doesn't replace another's. */
effect(() => {
  const text = draft.value.text.length > MOST_KEPT ? undefined : JSON.stringify(draft.value);
  const places =
    draft.value === begunWith ? (['sessionStorage'] as const) : (['sessionStorage', 'localStorage'] as const);
  isKept.value = text !== undefined && places.map((place) => keep(place, KEPT_AS, text)).includes(true);
});

/** Whether new tabs begin with this draft, so that this one can be closed: another may have stored its own since. */
function isInitial({ fileName, text }: Draft): boolean {
  const initial = stored('localStorage');
  return initial?.fileName === fileName && initial.text === text;
}

addEventListener('beforeunload', (event) => {
  const now = draft.peek();
  if (now.isMine && now.isChanged && !isInitial(now)) event.preventDefault();
});

/** Changes the text or its name; the next submission is then a new one. */
export function edit(change: Partial<Pick<Draft, 'fileName' | 'text'>>): void {
  const before = draft.peek();
  const { text = before.text } = change;
  const isChanged = before.isChanged || text !== inEditor(before.text);
  draft.value = { ...before, ...change, isChanged, isMine: true, key: newKey() };
}

/** The editor knows one kind of line ending. */
const inEditor = (text: string): string => text.replace(/\r\n?/g, '\n');

/** Incremented when the text is replaced from outside the editor. */
export const opened = signal(0);

/**
 * Replaces the draft by a dropped file, after asking if the draft has changes.
 * Throws {@link Refused} if the file is not UTF-8.
 * @returns whether the draft was replaced
 */
export async function draftOf(file: File): Promise<boolean> {
  const text = await textOf(file);
  const { fileName, isChanged } = draft.peek();
  const question = `${fileName} has changes that haven’t been submitted. Replace it with ${file.name}?`;
  if (isChanged && !confirm(question)) return false;
  draft.value = { fileName: file.name, text, isChanged: false, isMine: true, key: newKey() };
  opened.value++;
  return true;
}

/** Strict: characters that were decoded wrongly would be spoken and paid for. */
async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw await whyNoText(file.name, bytes);
  }
}

/** Words the problem as the console's check does. */
async function whyNoText(fileName: string, bytes: ArrayBuffer): Promise<Refused> {
  const answer = await postFile(`/validate?fileName=${encodeURIComponent(fileName)}`, bytes);
  const { problems } = (await answer.json()) as Checked;
  const { message, remedy } = problems[0] ?? { message: 'the file is not UTF-8', remedy: 'save it as UTF-8' };
  return new Refused(422, { detail: `${fileName}: ${message}`, remedy });
}

/** The key with which this tab last tried to submit. */
let tried = kept('sessionStorage', TRIED_AS);

/** Called before a submission. */
export function submitting(key: string): void {
  tried = key;
  keep('sessionStorage', TRIED_AS, key);
}

/** Whether the draft may have arrived as it is: its submission would then be a repetition. */
export const isTried = (): boolean => draft.peek().key === tried;

/**
 * Makes the next submission a new one, even of the same text. A draft that was edited while it was being submitted has
 * another key by then, and its changes are not submitted.
 */
export function submitted(key: string): void {
  const now = draft.peek();
  if (now.key === key) draft.value = { ...now, isChanged: false, key: newKey() };
}
