/** The one table that says what follows from a failure: try again, or give up with a reason. */
import type { Reason } from '@setlist/contracts';
import { pollyErrorOf } from '@setlist/polly';

/** A failure as the adapters name it: who failed, and under which name. */
export interface Failure {
  /** The provider's own error, the way to it, the audio that came back, or the store. */
  readonly from: 'provider' | 'network' | 'audio' | 'store';
  /** The provider's error name, the network's error code, or a code of ours. */
  readonly code: string;
  readonly status?: number;
  readonly message: string;
  readonly remedy?: string;
  /** Of audio: false where it would come out the same again. */
  readonly retryable?: boolean;
  /** Whether the provider billed the call, where that is known. */
  readonly billed?: boolean;
  /** For how many characters, where it is certain. */
  readonly billedCharacters?: number;
  /** Not the call that was admitted but a look-up before it, which costs nothing and has a rate of its own. */
  readonly isLookUp?: boolean;
  /** The provider was at work when the way failed: no whole answer in time, or audio that broke off. */
  readonly begun?: boolean;
}

export type Verdict =
  | { readonly kind: 'retry'; readonly reason: Reason; readonly throttled: boolean }
  | { readonly kind: 'fail'; readonly reason: Reason };

const THROTTLED = new Set(['ThrottlingException', 'TooManyRequestsException', 'Throttling', 'SlowDown']);
/** Whether the provider took the call for one too many. */
export const isThrottled = ({ from, code }: Failure): boolean => from === 'provider' && THROTTLED.has(code);

/** Whether the provider most likely billed a call that brought nothing we can keep. */
export const isInVain = ({ from, begun = false }: Failure): boolean => from === 'audio' || begun;

/** How often audio that came back unusable is asked for: each time may have been billed. */
export const UNUSABLE_AUDIO_TRIES = 3;
/** How often a call is made whose answer never comes whole: each time may have been billed. */
export const CUT_REPLY_TRIES = 5;

/**
 * What follows from a failure.
 * @param inVain how many calls for the item were {@link isInVain} so far, this one included
 */
export function classify(failure: Failure, inVain: number): Verdict {
  switch (failure.from) {
    case 'provider':
      return ofProvider(failure);
    case 'network':
      return failure.begun && inVain >= CUT_REPLY_TRIES
        ? fail(
            failure,
            'Raise CALL_TIMEOUT, or split the text; and see what between here and the provider cuts answers short.',
          )
        : retry(failure, 'See whether the provider can be reached; the item is tried again by itself.');
    case 'audio':
      return inVain < UNUSABLE_AUDIO_TRIES && failure.retryable !== false
        ? retry(failure, 'The item is tried again by itself.')
        : fail(
            failure,
            'Listen to what this voice makes of the text; another voice or a shorter text may help.',
          );
    case 'store':
      // What passes by itself is waited for in the store's line, and comes to no verdict.
      return fail(failure, 'Mend what the message names, then submit the set again: what is paid is reused.');
    default:
      return failure.from satisfies never;
  }
}

function ofProvider(failure: Failure): Verdict {
  if (isThrottled(failure)) {
    const reason = reasonOf(failure, 'Nothing to do: the shared rate is lowered and the item tried again.');
    return { kind: 'retry', reason, throttled: true };
  }
  const known = pollyErrorOf(failure.code, failure.message);
  if (known) {
    const said = saysNothing(failure) ? { ...failure, message: known.meaning } : failure;
    return known.retryable ? retry(said, known.remedy) : fail(said, known.remedy);
  }
  if (failure.status !== undefined && failure.status >= 500) {
    return retry(failure, 'The provider has a fault of its own; the item is tried again by itself.');
  }
  return fail(
    failure,
    'Look the error up in the provider’s documentation; mend the item, then submit the set again.',
  );
}

/** The SDK puts words of its own where the provider sent none. */
const saysNothing = ({ code, message }: Failure): boolean => ['', code, 'UnknownError'].includes(message);

function reasonOf(failure: Failure, remedy: string): Reason {
  return { code: failure.code, message: failure.message || failure.code, remedy: failure.remedy ?? remedy };
}
const retry = (failure: Failure, remedy: string): Verdict & { kind: 'retry' } => ({
  kind: 'retry',
  reason: reasonOf(failure, remedy),
  throttled: false,
});
const fail = (failure: Failure, remedy: string): Verdict => ({
  kind: 'fail',
  reason: reasonOf(failure, remedy),
});
