/** Whether and when the same is asked for again that was refused, or could not be asked for. */
import type { Signal } from '@preact/signals';
import { Refused } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { sentenceOf } from '../parts/notices.tsx';

const AGAIN_MS = 2_000;
const TOO_MANY_REQUESTS = 429;

/** Not where it was refused for good. */
export const maySoonBeAnswered = (error: unknown): boolean =>
  !(error instanceof Refused) || error.status >= 500 || error.status === TOO_MANY_REQUESTS;

export const waitAfterMs = (error: unknown): number =>
  (error instanceof Refused && error.retryAfterMs) || AGAIN_MS;

export interface Asking {
  readonly aborted: AbortSignal;
  /** Says why there is no answer, for as long as there is none. */
  readonly fault: Signal<string | undefined>;
}

/** Asks until there is an answer. Throws where it is refused for good, or aborted. */
export async function untilAnswered<T>(ask: () => Promise<T>, { aborted, fault }: Asking): Promise<T> {
  for (;;) {
    try {
      const answer = await ask();
      aborted.throwIfAborted();
      fault.value = undefined;
      return answer;
    } catch (error) {
      aborted.throwIfAborted();
      fault.value = sentenceOf(error);
      if (!maySoonBeAnswered(error)) throw error;
      await pause(waitAfterMs(error), aborted);
    }
  }
}
