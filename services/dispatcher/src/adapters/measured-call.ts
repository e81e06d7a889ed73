/** Calls of a provider, measured one by one, however they end. */
import type { Provider } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';
import { record } from '@setlist/runtime';
import { isThrottled } from '../domain/classify.ts';
import { CallFailed } from './failures.ts';

/** How a call of one of Polly's operations is named, by the semantic conventions. */
export const rpcOf = (method: string) => ({ rpcSystem: 'aws-api', rpcMethod: `Polly/${method}` });

export interface CallOf {
  readonly provider: Provider;
  /** The operation, as AWS calls it. */
  readonly method: string;
  /** Missing where the call is not about a sound. */
  readonly lane?: Engine;
}

/** Makes the call, whose every failure is a {@link CallFailed}, and notes how long it took and how it ended. */
export async function measuredCall<T>(of: CallOf, call: () => Promise<T>): Promise<T> {
  const begunAt = performance.now();
  try {
    const reply = await call();
    note(of, begunAt, { outcome: 'ok' });
    return reply;
  } catch (error) {
    const failure = error instanceof CallFailed ? error.failure : undefined;
    const outcome = failure && isThrottled(failure) ? 'throttled' : 'failed';
    note(of, begunAt, { outcome, error: failure?.code ?? 'unknown' });
    throw error;
  }
}

function note(
  { provider, method, lane }: CallOf,
  begunAt: number,
  end: { readonly outcome: string; readonly error?: string },
): void {
  const call = { ...rpcOf(method), provider, lane };
  record('calls', (performance.now() - begunAt) / 1_000, { ...call, ...end });
}
