/** What can be done with a set now; each is decided by the tracker, and every page sees it at once. */
import { post } from '../api/client.ts';
import type { Priority, SetSummary } from '../api/types.ts';
import { countOf } from '../parts/figures.ts';
import { say, trying } from '../parts/notices.tsx';

const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

export function steer(setId: string, verb: string, wish: object, done: string): Promise<unknown> {
  return trying(async () => {
    await post(`/sets/${setId}/${verb}`, wish);
    say(done);
  });
}

export function Commands({ summary: { setId, state, counts, priority } }: { summary: SetSummary }) {
  const isOpen = state === 'running' || state === 'paused';
  return (
    <>
      {state === 'running' && (
        <button
          type="button"
          onClick={() =>
            steer(setId, 'pause', {}, 'Paused: nothing further is begun; what is in flight ends.')
          }
        >
          Pause
        </button>
      )}
      {state === 'paused' && (
        <button type="button" class="main" onClick={() => steer(setId, 'resume', {}, 'It goes on.')}>
          Resume
        </button>
      )}
      {isOpen && <CancelButton setId={setId} left={counts.total - counts.completed - counts.failed} />}
      {state === 'completed' && counts.failed > 0 && (
        <button
          type="button"
          class="main"
          onClick={() =>
            steer(setId, 'retry', {}, `${countOf(counts.failed, 'failed item')} asked for again.`)
          }
        >
          Retry all failed
        </button>
      )}
      {isOpen && (
        <label>
          <span class="label">Priority</span>
          <select
            value={priority}
            onChange={({ currentTarget: { value } }) =>
              steer(setId, 'prioritize', { priority: value }, `It has ${value} priority from now on.`)
            }
          >
            {PRIORITIES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** Cancelling can't be taken back, so it is asked for twice. */
function CancelButton({ setId, left }: { setId: string; left: number }) {
  const dialog = `cancel-${setId}`;
  const open = () => (document.getElementById(dialog) as HTMLDialogElement | null)?.showModal();
  return (
    <>
      <button type="button" onClick={open}>
        Cancel…
      </button>
      <dialog id={dialog} aria-label="Cancel this set">
        <form method="dialog">
          <p>
            Cancel this set? {countOf(left, 'item')} will not be made. What is done stays, and is not paid
            again.
          </p>
          <p class="tools">
            <button type="submit">Go on with it</button>
            <button
              type="submit"
              class="danger"
              onClick={() => steer(setId, 'cancel', {}, 'Cancelled: nothing further is paid.')}
            >
              Cancel the set
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
