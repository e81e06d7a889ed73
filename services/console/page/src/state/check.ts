/** The draft's problems and plan, fetched again whenever typing pauses. */
import { effect, signal } from '@preact/signals';
import { postFile } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import type { Checked, Plan } from '../api/types.ts';
import { untilAnswered } from './again.ts';
import { draft } from './draft.ts';
import { onceItRests } from './once-it-rests.ts';

export const checked = signal<Checked | undefined>(undefined);
export const plan = signal<Plan | undefined>(undefined);
/** Why the draft could not be checked or planned. */
export const fault = signal<string | undefined>(undefined);

const TYPING_PAUSE_MS = 300;
const LARGE_PAUSE_MS = 1_500;
const LARGE = 500_000;
/** A plan looks up every sound, so it waits a little longer than the check. */
const PLAN_PAUSE_MS = 500;
const PLAN_ITEMS = 200;

/** Checks the draft now and after every change, until the returned function is called. */
export function keepChecked(): () => void {
  return effect(() => {
    const { text, fileName } = draft.value;
    plan.value = undefined;
    const pauseMs = text.length > LARGE ? LARGE_PAUSE_MS : TYPING_PAUSE_MS;
    return onceItRests(pauseMs, (aborted) => void check(text, fileName, aborted));
  });
}

async function check(text: string, fileName: string, aborted: AbortSignal): Promise<void> {
  const ask = <T>(path: string): Promise<T> =>
    untilAnswered(async () => (await postFile(path, text, { signal: aborted })).json() as T, {
      aborted,
      fault,
    });
  const named = `fileName=${encodeURIComponent(fileName)}`;
  try {
    const found = await ask<Checked>(`/validate?${named}`);
    checked.value = found;
    if (!found.ok) return;
    await pause(PLAN_PAUSE_MS, aborted);
    plan.value = await ask<Plan>(`/plan?${named}&items=${PLAN_ITEMS}`);
  } catch {
    // Either refused for good, which `fault` shows, or the draft has changed, and is checked again.
  }
}
