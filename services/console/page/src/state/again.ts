/** Whether and when to retry a request that was refused or failed. */
import type { Signal } from '@preact/signals';
import { Refused } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { sentenceOf } from '../parts/notices.tsx';

const AGAIN_MS = 2_000;
const TOO_MANY_REQUESTS = 429;

/** Whether a retry can succeed, that is, the refusal is not final. */
export const maySoonBeAnswered = (error: unknown): boolean =>
  !(error instanceof Refused) || error.status >= 500 || error.status === TOO_MANY_REQUESTS;

export const waitAfterMs = (error: unknown): number =>
  (error instanceof Refused && error.retryAfterMs) || AGAIN_MS;

export interface Asking {
  readonly aborted: AbortSignal;
  /** Why there is no answer yet; `undefined` once there is one. */
  readonly fault: Signal<string | undefined>;
}

/** Retries until there is an answer. Throws if the request is refused for good, or aborted. */
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
