/** The contents of one provider's lexicons: fetched at the rate that the account allows, and cached briefly. */
import { backoffDelayMs, sleep } from '@setlist/runtime';
import { CallFailed } from '../adapters/failures.ts';
import type { SpeechProvider } from '../adapters/polly-speech.ts';
import { isThrottled } from '../domain/classify.ts';
import type { LookUps } from '../quota/look-ups.ts';

/** How long an answer counts, in ms, for items that name its lexicon. */
const COUNTS_MS = 5_000;
/** An answer of this age, in ms, is asked for again by the way, so that it seldom gets too old. */
const RENEWED_AFTER_MS = COUNTS_MS / 2;
const THROTTLED_TRIES = 8;
const BACKOFF = { baseMs: 250, capMs: 5_000 };

type Digest = string | undefined;

interface Answer {
  readonly digest: Digest;
  /** When it came, by `performance.now()`. */
  readonly at: number;
}

/** SHA-256 of a lexicon's content; undefined if there is no lexicon of that name. Failures are {@link CallFailed}. */
export class Lexicons {
  readonly #speech: Pick<SpeechProvider, 'lexiconDigest'>;
  readonly #lookUps: LookUps;
  readonly #draining: AbortSignal;
  readonly #answers = new Map<string, Answer>();
  readonly #underWay = new Map<string, Promise<Digest>>();

  constructor(speech: Pick<SpeechProvider, 'lexiconDigest'>, lookUps: LookUps, draining: AbortSignal) {
    this.#speech = speech;
    this.#lookUps = lookUps;
    this.#draining = draining;
  }

  /** The current digest. Callers share a look-up that is under way: many sets that name one lexicon make one. */
  asked(name: string): Promise<Digest> {
    const known = this.#underWay.get(name);
    if (known) return known;
    const digest = this.#lookUp(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, digest);
    return digest;
  }

  /** The digest, which came at most {@link COUNTS_MS} ago. */
  async recent(name: string): Promise<Digest> {
    const answer = this.#answerTo(name);
    return answer ? answer.digest : this.asked(name);
  }

  /** The same without waiting; undefined where there is none. Before an answer gets too old, another is asked for. */
  latest(name: string): Answer | undefined {
    const answer = this.#answerTo(name);
    // An item that needs the answer gets the failure.
    if (answer && performance.now() - answer.at > RENEWED_AFTER_MS) this.asked(name).catch(() => undefined);
    return answer;
  }

  #answerTo(name: string): Answer | undefined {
    const answer = this.#answers.get(name);
    return answer && performance.now() - answer.at < COUNTS_MS ? answer : undefined;
  }

  async #lookUp(name: string): Promise<Digest> {
    for (let tries = 1; ; tries++) {
      try {
        const digest = await this.#lookUps.one(() => this.#speech.lexiconDigest(name));
        this.#answers.set(name, { digest, at: performance.now() });
        return digest;
      } catch (error) {
        if (!(error instanceof CallFailed && isThrottled(error.failure))) throw error;
        if (tries === THROTTLED_TRIES) throw error;
        await sleep(backoffDelayMs(tries, BACKOFF), this.#draining);
      }
    }
  }
}
