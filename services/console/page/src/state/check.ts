/** The draft's problems and plan, fetched again whenever typing pauses. */
import { effect, signal } from '@preact/signals';
import { postFile } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import type { Checked, Plan } from '../api/types.ts';
import { untilAnswered } from './again.ts';
import { draft, isTried } from './draft.ts';
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
/** What is paid for, and at which prices, can change without the draft. */
const OLD_MS = 60_000;
const RENEWED_EVERY_MS = 300_000;
/** When the plan was asked for. */
let plannedAt = 0;

/** Checks the draft now and after every change, until the returned function is called. A visible plan is kept fresh. */
export function keepChecked(): () => void {
  let isRenewing = false;
  const renew = async (): Promise<void> => {
    if (document.hidden || isRenewing) return;
    isRenewing = true;
    // If that fails, it is asked for again before it is submitted.
    await freshPlan().catch(() => undefined);
    isRenewing = false;
  };
  const renewing = setInterval(renew, RENEWED_EVERY_MS);
  document.addEventListener('visibilitychange', renew);
  const stop = effect(() => {
    const { text, fileName } = draft.value;
    plan.value = undefined;
    const pauseMs = text.length > LARGE ? LARGE_PAUSE_MS : TYPING_PAUSE_MS;
    return onceItRests(pauseMs, (aborted) => void check(text, fileName, aborted));
  });
  return () => {
    clearInterval(renewing);
    document.removeEventListener('visibilitychange', renew);
    stop();
  };
}

const queryFor = (fileName: string): string => `fileName=${encodeURIComponent(fileName)}`;
const planPath = (fileName: string): string => `/plan?${queryFor(fileName)}&items=${PLAN_ITEMS}`;

/**
 * If the draft was tried and has arrived, its own set is among those because of which the plan says that it would be
 * refused. Only its repetition tells.
 */
const withoutItself = (fresh: Plan): Plan => (isTried() ? { ...fresh, problem: undefined } : fresh);

/** The draft's plan, fetched again if it is old; `undefined` if it has none yet. Throws if that is refused. */
export async function freshPlan(): Promise<Plan | undefined> {
  const planned = draft.peek();
  if (plan.peek() === undefined || Date.now() - plannedAt < OLD_MS) return plan.peek();
  const askedAt = Date.now();
  const answer = await postFile(planPath(planned.fileName), planned.text);
  const fresh = withoutItself((await answer.json()) as Plan);
  if (draft.peek() === planned) {
    plan.value = fresh;
    plannedAt = askedAt;
  }
  return fresh;
}

async function check(text: string, fileName: string, aborted: AbortSignal): Promise<void> {
  const ask = <T>(path: string): Promise<T> =>
    untilAnswered(async () => (await postFile(path, text, { signal: aborted })).json() as T, {
      aborted,
      fault,
    });
  try {
    const found = await ask<Checked>(`/validate?${queryFor(fileName)}`);
    checked.value = found;
    if (!found.ok) return;
    await pause(PLAN_PAUSE_MS, aborted);
    plannedAt = Date.now();
    plan.value = withoutItself(await ask<Plan>(planPath(fileName)));
  } catch {
    // Either refused for good, which `fault` shows, or the draft has changed, and is checked again.
  }
}
