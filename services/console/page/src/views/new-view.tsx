/** Writing or mending a set file: problems at their lines as one types, a line heard, the plan seen, then submitted. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { authorization, postFile } from '../api/client.ts';
import type { Checked, Plan } from '../api/types.ts';
import { SetFileEditor } from '../editor/set-file-editor.tsx';
import { countOf } from '../parts/figures.ts';
import { say, trying } from '../parts/notices.tsx';
import { PlanTable } from '../parts/plan-table.tsx';
import { go } from '../router.ts';
import { draft } from '../state/draft.ts';

const TYPING_PAUSE_MS = 300;

export function NewView() {
  const checked = useSignal<Checked | undefined>(undefined);
  const plan = useSignal<Plan | undefined>(undefined);
  const { text, fileName } = draft.value;
  useEffect(() => {
    document.title = 'New set · Setlist';
  }, []);
  useEffect(() => {
    plan.value = undefined;
    const timer = setTimeout(() => {
      void trying(async () => {
        checked.value = await postFile<Checked>(`/check?fileName=${encodeURIComponent(fileName)}`, text);
      });
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, fileName]);
  const makePlan = () =>
    trying(async () => {
      plan.value = await postFile<Plan>(`/plan?fileName=${encodeURIComponent(fileName)}`, text);
    });
  const submit = () =>
    trying(async () => {
      const { setId } = await postFile<{ setId: string }>(
        `/sets?fileName=${encodeURIComponent(fileName)}`,
        text,
        {
          'idempotency-key': draft.value.key,
        },
      );
      say('Submitted: it is taken in within a moment.');
      draft.value = { ...draft.value, key: crypto.randomUUID() };
      await known(setId);
      go(`/sets/${setId}`);
    });
  const holds = checked.value?.ok ?? false;
  return (
    <>
      <div class="head">
        <h1>New set</h1>
        <label>
          <span class="label">File name</span>
          <input
            value={fileName}
            onInput={({ currentTarget: { value } }) => (draft.value = { ...draft.value, fileName: value })}
          />
        </label>
      </div>
      <SetFileEditor
        text={text}
        problems={[...(checked.value?.problems ?? []), ...(checked.value?.warnings ?? [])]}
      />
      <p class="hint" role="status">
        {checked.value === undefined
          ? 'Checking…'
          : holds
            ? `It holds. ${checked.value.warnings.length > 0 ? countOf(checked.value.warnings.length, 'warning') : ''}`
            : `${countOf(checked.value.problemCount, 'problem')}: nothing can be submitted until they are mended.`}
      </p>
      <div class="tools">
        <button type="button" disabled={!holds} onClick={makePlan}>
          Show the plan
        </button>
        <button type="button" class="main" disabled={!holds || plan.value === undefined} onClick={submit}>
          Submit
        </button>
        {holds && plan.value === undefined && (
          <span class="hint">See the plan first: it says what is to be paid.</span>
        )}
      </div>
      {plan.value && <PlanTable plan={plan.value} />}
    </>
  );
}

const KNOWN_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** Waits until the set has been taken in, so that the page about it has something to show. */
async function known(setId: string): Promise<void> {
  for (const ends = Date.now() + KNOWN_WITHIN_MS; Date.now() < ends; ) {
    const { ok } = await fetch(`/api/v1/sets/${setId}`, { headers: authorization() });
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
