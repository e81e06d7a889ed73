/** Before the first call: audio that is paid for could not be kept in a store that is full or away. */
import { type Logger, sleepAtMost } from '@setlist/runtime';
import { StoreError } from '@setlist/storage';

const AGAIN_MS = 2_000;

interface Waiting {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly signal: AbortSignal;
  /** How long to wait between two checks, in ms. */
  readonly againMs?: number;
}

/**
 * Resolves once the store can be used, or the signal has aborted.
 * @throws StoreError for what needs other rights or settings
 */
export async function untilUsable(
  check: () => Promise<void>,
  { logger, signal, againMs = AGAIN_MS }: Waiting,
): Promise<void> {
  let told: string | undefined;
  while (!signal.aborted) {
    try {
      await check();
      if (told !== undefined) logger.info({ event: 'store-usable' }, 'the store can be used now');
      return;
    } catch (error) {
      if (!(error instanceof StoreError && error.retryable)) throw error;
      const entry = { event: 'store-unusable', remedy: error.remedy, err: error };
      if (error.message !== told) logger.warn(entry, `nothing is paid for yet: ${error.message}`);
      told = error.message;
      await sleepAtMost(againMs, signal);
    }
  }
}
