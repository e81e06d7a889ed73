/** The commands that a set allows; the tracker decides each, and every open page sees the result at once. */
import { useRef } from 'preact/hooks';
import { post } from '../api/client.ts';
import type { Priority, SetSummary } from '../api/types.ts';
import { countOf } from '../parts/figures.ts';
import { Icon } from '../parts/icon.tsx';
import { say, trying } from '../parts/notices.tsx';
import { isOpen } from '../state/set-state.ts';

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

/** @returns whether the command was carried out; if not, a notice says why */
export async function steer(setId: string, verb: string, wish: object, done: string): Promise<boolean> {
  const isDone = await trying(async () => {
    await post(`/sets/${setId}/${verb}`, wish);
    say(done);
    return true;
  });
  return isDone ?? false;
}

export function Commands({ summary }: { summary: SetSummary }) {
  const { setId, state, counts, priority } = summary;
  const canBeSteered = isOpen(summary);
  const prioritize = async (select: HTMLSelectElement): Promise<void> => {
    const { value } = select;
    const words = `The set now has ${value} priority.`;
    if (!(await steer(setId, 'prioritize', { priority: value }, words))) select.value = priority;
  };
  return (
    <>
      {canBeSteered && (
        <label class="tools">
          <span class="label">Priority</span>
          <select value={priority} onChange={({ currentTarget }) => prioritize(currentTarget)}>
            {PRIORITIES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {canBeSteered && <PauseButton setId={setId} isPaused={state === 'paused'} />}
      {canBeSteered && <CancelButton setId={setId} left={counts.total - counts.completed - counts.failed} />}
      {state === 'completed' && counts.failed > 0 && (
        <button
          type="button"
          class="main"
          onClick={() =>
            steer(setId, 'retry', {}, `${countOf(counts.failed, 'failed item')} requested again.`)
          }
        >
          <Icon name="again" />
          Retry all failed
        </button>
      )}
    </>
  );
}

/** One button for both, so that it keeps the keyboard focus after pausing, ready to resume. */
function PauseButton({ setId, isPaused }: { setId: string; isPaused: boolean }) {
  const toggle = (): Promise<boolean> =>
    isPaused
      ? steer(setId, 'resume', {}, 'Resumed.')
      : steer(setId, 'pause', {}, 'Paused: nothing further is started; sounds in flight are finished.');
  return (
    <button type="button" class={isPaused ? 'main' : ''} onClick={toggle}>
      <Icon name={isPaused ? 'play' : 'pause'} />
      {isPaused ? 'Resume' : 'Pause'}
    </button>
  );
}

/** Cancelling can't be undone, so it needs a confirmation. */
function CancelButton({ setId, left }: { setId: string; left: number }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Cancel…
      </button>
      <dialog ref={dialog} aria-label="Cancel this set">
        <form method="dialog">
          <h2>Cancel this set?</h2>
          <p>
            {countOf(left, 'item')} to go: nothing further is started, and sounds in flight are finished. A
            cancelled set can’t be resumed. What is done stays, and is not paid for again.
          </p>
          <p class="tools">
            <button type="submit">Keep the set</button>
            <button
              type="submit"
              class="danger"
              onClick={() =>
                steer(
                  setId,
                  'cancel',
                  {},
                  'Cancelled: nothing further is started; sounds in flight are finished.',
                )
              }
            >
              Cancel the set
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
