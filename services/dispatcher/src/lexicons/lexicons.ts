/** The contents of one provider's lexicons: fetched at the rate that the account allows, and cached briefly. */
import { backoffDelayMs, sleep } from '@setlist/runtime';
import { CallFailed } from '../adapters/failures.ts';
import type { SpeechProvider } from '../adapters/polly-speech.ts';
import { isThrottled } from '../domain/classify.ts';
import type { SharedRate } from '../quota/shared-rate.ts';

/** How long a digest is cached, in ms, for items that name its lexicon. */
const KNOWN_MS = 5_000;
const THROTTLED_TRIES = 8;
const BACKOFF = { baseMs: 250, capMs: 5_000 };

type Digest = string | undefined;
type Rate = Pick<SharedRate, 'acquire' | 'slowDown'>;

interface Known {
  readonly digest: Promise<Digest>;
  /** When the answer came, by `performance.now()`; missing until then. */
  at?: number;
}

/** SHA-256 of a lexicon's content; undefined if there is no lexicon of that name. Failures are {@link CallFailed}. */
export class Lexicons {
  readonly #speech: Pick<SpeechProvider, 'lexiconDigest'>;
  readonly #rate: Rate;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Known>();

  constructor(speech: Pick<SpeechProvider, 'lexiconDigest'>, rate: Rate, signal: AbortSignal) {
    this.#speech = speech;
    this.#rate = rate;
    this.#signal = signal;
  }

  /** The current digest. Callers share a look-up that is under way: many sets that name one lexicon make one. */
  asked(name: string): Promise<Digest> {
    const latest = this.#known.get(name);
    if (latest !== undefined && latest.at === undefined) return latest.digest;
    const known: Known = { digest: this.#lookUp(name) };
    this.#known.set(name, known);
    known.digest.then(
      () => {
        known.at = performance.now();
      },
      // A failure isn't cached: the next caller asks again.
      () => this.#known.get(name) === known && this.#known.delete(name),
    );
    return known.digest;
  }

  /** The digest, which came at most {@link KNOWN_MS} ago. */
  recent(name: string): Promise<Digest> {
    const known = this.#known.get(name);
    const isRecent = known?.at !== undefined && performance.now() - known.at < KNOWN_MS;
    return isRecent ? known.digest : this.asked(name);
  }

  async #lookUp(name: string): Promise<Digest> {
    for (let tries = 1; ; tries++) {
      if (!(await this.#rate.acquire(this.#signal))) throw this.#signal.reason;
      try {
        return await this.#speech.lexiconDigest(name);
      } catch (error) {
        if (!(error instanceof CallFailed && isThrottled(error.failure))) throw error;
        await this.#rate.slowDown();
        if (tries === THROTTLED_TRIES) throw error;
        await sleep(backoffDelayMs(tries, BACKOFF), this.#signal);
      }
    }
  }
}
