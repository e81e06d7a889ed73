/** Writes or fixes a set file: shows problems while typing, previews lines, shows the plan, then submits. */
import type { EditorView } from '@codemirror/view';
import { signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { get, postFile } from '../api/client.ts';
import type { Problem, Submitted } from '../api/types.ts';
import { hearAtCursor } from '../editor/hear-line.ts';
import { placeOf, SetFileEditor } from '../editor/set-file-editor.tsx';
import { countOf, grouped, sentence, sentences } from '../parts/figures.ts';
import { FileButton } from '../parts/file-drop.tsx';
import { Icon } from '../parts/icon.tsx';
import { say, trying } from '../parts/notices.tsx';
import { PlanPanel, priceOf } from '../parts/plan-panel.tsx';
import { useTitle } from '../parts/title.ts';
import { go, path } from '../router.ts';
import { checked, fault, freshPlan, keepChecked, plan } from '../state/check.ts';
import { draft, edit, isKept, submitted, submitting } from '../state/draft.ts';

const KNOWN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 200;
const NONE: readonly Problem[] = [];

export function NewView() {
  const editor = useRef<EditorView>(undefined);
  useTitle('New set');
  useEffect(keepChecked, []);
  const { problems = NONE, warnings = NONE } = checked.value ?? {};
  const show = (problem: Problem): void => {
    const view = editor.current;
    if (!view) return;
    const anchor = placeOf(problem, view.state.doc);
    view.dispatch({ selection: { anchor }, scrollIntoView: true });
    view.focus();
  };
  return (
    <>
      <div class="head">
        <div class="head-title">
          <h1>New set</h1>
        </div>
        <label class="tools">
          <span class="label">File name</span>
          <input
            value={draft.value.fileName}
            onInput={({ currentTarget: { value } }) => edit({ fileName: value })}
          />
        </label>
        <FileButton says="Open…" />
      </div>
      <div class="write">
        <Writing editor={editor} problems={problems} warnings={warnings} />
        <div>
          <Verdict problems={problems} warnings={warnings} show={show} />
          {plan.value && <PlanPanel plan={plan.value} />}
          <PlanWords />
          <Submit />
        </div>
      </div>
    </>
  );
}

interface Found {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

function Writing({ editor, problems, warnings }: Found & { editor: RefObject<EditorView | undefined> }) {
  return (
    <div>
      <SetFileEditor
        problems={problems}
        warnings={warnings}
        onReady={(view) => {
          editor.current = view;
        }}
      />
      {draft.value.isChanged && !isKept.value && (
        <p class="hint small editor-foot">
          This browser can’t store this draft: copy or submit it before you leave.
        </p>
      )}
      <div class="tools editor-foot">
        <button type="button" onClick={() => editor.current && hearAtCursor(editor.current)}>
          <Icon name="play" />
          Preview the line
        </button>
        <span class="hint small">
          Plays the item at the cursor, by the local engine, for free. <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </span>
      </div>
    </div>
  );
}

interface VerdictProps extends Found {
  show(problem: Problem): void;
}

function Verdict({ problems, warnings, show }: VerdictProps) {
  const { problemCount = 0 } = checked.value ?? {};
  return (
    <section class="panel" aria-label="Check">
      <VerdictWords warnings={warnings.length} />
      {problems.length + warnings.length > 0 && (
        <ul class="problems small">
          {[...problems, ...warnings].map((problem) => (
            <li key={`${problem.line}:${problem.column}:${problem.message}`}>
              <button
                type="button"
                class="link place"
                aria-label={`Go to line ${problem.line}, column ${problem.column}`}
                onClick={() => show(problem)}
              >
                {problem.line}:{problem.column}
              </button>
              <span>
                {sentence(problem.message)} <span class="hint">{sentence(problem.remedy)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {problemCount > problems.length && (
        <p class="hint small">The first {grouped(problems.length)} problems are listed.</p>
      )}
    </section>
  );
}

function VerdictWords({ warnings }: { warnings: number }) {
  const found = checked.value;
  const words =
    fault.value ??
    (found === undefined
      ? 'Checking…'
      : found.ok
        ? `No problems found${warnings > 0 ? `; ${countOf(warnings, 'warning')}` : ''}`
        : countOf(found.problemCount, 'problem'));
  const isBad = fault.value !== undefined || found?.ok === false;
  return (
    <p class={`verdict ${isBad ? 'verdict-fails' : found ? 'verdict-holds' : ''}`} role="status">
      <Icon name={isBad ? 'alert' : 'check'} />
      {words}
    </p>
  );
}

/**
 * Says that a plan is being made: it looks up every sound, and may wait for its turn. Its price is read out, but not again
 * after a change that leaves it the same: the words stay until there are others, or problems.
 */
function PlanWords() {
  const said = useRef('');
  const now = plan.value;
  const isComing = !now && checked.value?.ok === true && fault.value === undefined;
  if (now) {
    const refusal = now.problem ? ', but it would be refused' : '';
    said.current = `${countOf(now.itemCount, 'item')} planned: ${priceOf(now)}${refusal}`;
  } else if (!isComing) said.current = '';
  return (
    <>
      {isComing && <p class="hint panel-gap">Planning…</p>}
      <p class="hidden" role="status">
        {said.current}
      </p>
    </>
  );
}

/** Whether a draft is being submitted, which goes on when the view is left. */
const isUnderWay = signal(false);

function Submit() {
  const isReady = plan.value !== undefined && plan.value.problem === undefined && !isUnderWay.value;
  const submit = async (): Promise<void> => {
    if (!isReady) return;
    isUnderWay.value = true;
    await trying(async () => {
      const { fileName, text, key } = draft.value;
      if (await isOtherThanShown()) return;
      submitting(key);
      const answer = await postFile(`/sets?fileName=${encodeURIComponent(fileName)}`, text, {
        headers: { 'idempotency-key': key },
      });
      const { setId } = (await answer.json()) as Submitted;
      submitted(key);
      say('Submitted.');
      await known(setId);
      // Nobody who has moved on meanwhile is called away.
      if (path.peek() === '/new') go(`/sets/${setId}`);
    });
    isUnderWay.value = false;
  };
  return (
    <>
      {/* Not `disabled`, which would take the focus from it. */}
      <button type="button" class="main submit" aria-disabled={!isReady} onClick={submit}>
        {isUnderWay.value
          ? 'Submitting…'
          : plan.value
            ? `Submit ${countOf(plan.value.itemCount, 'item')}`
            : 'Submit'}
      </button>
      <p class="hint small">Nothing is made, or paid for, before you submit.</p>
    </>
  );
}

/** Whether the set would be refused or cost more than the plan that is shown has said, which is then said. */
async function isOtherThanShown(): Promise<boolean> {
  const shown = plan.peek();
  const now = await freshPlan();
  if (!shown || !now) return false;
  const isDearer = Number(now.estimatedUsd) > Number(shown.estimatedUsd);
  const risen = `The price has risen from ${priceOf(shown)} to ${priceOf(now)}: submit again if you agree.`;
  if (now.problem) say(`This set would be refused. ${sentences(now.problem)}`, 'refused');
  else if (isDearer) say(risen, 'refused');
  return isDearer || now.problem !== undefined;
}

/** Waits until ingest has accepted the set, so that its page has something to show. */
async function known(setId: string): Promise<void> {
  for (const ends = Date.now() + KNOWN_WITHIN_MS; Date.now() < ends; ) {
    const isKnown = await get(`/sets/${setId}`).then(
      () => true,
      () => false,
    );
    if (isKnown) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
