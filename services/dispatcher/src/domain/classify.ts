/** The one place that decides what follows from a failure: retry, or give up with a reason. */
import type { Reason } from '@setlist/contracts';
import { pollyErrorOf, THROTTLING } from '@setlist/polly';

/** A failure in the adapters' terms: what failed, and its code. */
export interface Failure {
  /** The provider, the network on the way to it, the audio that came back, or the store. */
  readonly from: 'provider' | 'network' | 'audio' | 'store';
  /** The provider's error name, the network's error code, or a code of ours. */
  readonly code: string;
  readonly status?: number;
  readonly message: string;
  readonly remedy?: string;
  /** For audio: false if it would come out the same again. For the provider: true if what it refused was put right. */
  readonly retryable?: boolean;
  /** Whether the provider billed the call, if known. */
  readonly billed?: boolean;
  /** How many characters were billed, if that is certain. */
  readonly billedCharacters?: number;
  /** Whether it comes from a look-up, not from the admitted call: it costs nothing and has its own rate. */
  readonly isLookUp?: boolean;
  /**
   * Whether the network failed with the provider at work: no complete answer in time, audio that broke off, or a
   * connection lost some time after the whole request.
   */
  readonly begun?: boolean;
}

export type Verdict =
  | { readonly kind: 'retry'; readonly reason: Reason; readonly throttled: boolean }
  | { readonly kind: 'fail'; readonly reason: Reason };

/** Whether the provider throttled the call. */
export const isThrottled = ({ from, code }: Failure): boolean => from === 'provider' && THROTTLING.has(code);

/** Whether the provider most likely billed a call that brought no usable audio. */
export const isInVain = ({ from, begun = false }: Failure): boolean => from === 'audio' || begun;

/** Codes of failures that meet every task, whatever its text: of its bucket, key or topic, of a right, or of a quota. */
const OF_ALL_TASKS: ReadonlySet<string> = new Set([
  'InvalidS3BucketException',
  'InvalidS3KeyException',
  'InvalidSnsTopicArnException',
  'AccessDeniedException',
  'ServiceQuotaExceededException',
  'output-elsewhere',
  'store-invalid-key',
]);

/** Whether a task's failure says that no other task can succeed either. */
export const refusesTasks = ({ code }: Failure): boolean => OF_ALL_TASKS.has(code);

/** How many calls are made for an item while the audio is unusable: each may have been billed. */
export const UNUSABLE_AUDIO_TRIES = 3;
/** How many calls are made for an item while answers are incomplete: each may have been billed. */
export const CUT_REPLY_TRIES = 5;

/** @param inVain how many calls for the item were {@link isInVain} so far, including this one */
export function classify(failure: Failure, inVain: number): Verdict {
  switch (failure.from) {
    case 'provider':
      return ofProvider(failure);
    case 'network':
      return failure.begun && inVain >= CUT_REPLY_TRIES
        ? fail(
            failure,
            'Raise CALL_TIMEOUT, or split the text; and check what between here and the provider cuts answers short.',
          )
        : retry(failure, 'Check that the provider can be reached; the item is retried automatically.');
    case 'audio':
      return inVain < UNUSABLE_AUDIO_TRIES && failure.retryable !== false
        ? retry(failure, 'The item is retried automatically.')
        : fail(
            failure,
            'Listen to what this voice makes of the text; another voice or a shorter text may help.',
          );
    case 'store':
      // Transient store errors never get here: the store's line waits for them to pass.
      return fail(failure, 'Fix what the message names, then submit the set again: paid audio is reused.');
    default:
      return failure.from satisfies never;
  }
}

function ofProvider(failure: Failure): Verdict {
  if (isThrottled(failure)) {
    const reason = reasonOf(failure, 'Nothing to do: the shared rate is lowered and the item is retried.');
    return { kind: 'retry', reason, throttled: true };
  }
  if (failure.retryable) return retry(failure, 'The item is retried automatically.');
  const known = pollyErrorOf(failure.code, failure.message);
  if (known) {
    const said = saysNothing(failure) ? { ...failure, message: known.meaning } : failure;
    return known.retryable ? retry(said, known.remedy) : fail(said, known.remedy);
  }
  if (failure.status !== undefined && failure.status >= 500) {
    return retry(failure, 'The provider has an internal error; the item is retried automatically.');
  }
  return fail(
    failure,
    'Look up the error in the provider’s documentation; fix the item, then submit the set again.',
  );
}

/** Whether the provider sent no message: the SDK then fills in one of these. */
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
