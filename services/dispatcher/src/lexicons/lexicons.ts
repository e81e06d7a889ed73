/** The contents of one provider's lexicons: fetched at the rate that the account allows, and cached briefly. */
import type { Provider } from '@setlist/contracts';
import { backoffDelayMs, type Logger, Rarely, sleep } from '@setlist/runtime';
import { CallFailed } from '../adapters/failures.ts';
import type { Lexicon, SpeechProvider } from '../adapters/polly-speech.ts';
import { isThrottled } from '../domain/classify.ts';
import type { LookUps } from '../quota/look-ups.ts';

/** How long an answer counts, in ms, for items that name its lexicon. */
const COUNTS_MS = 5_000;
/** An answer of this age, in ms, is asked for again by the way, so that it seldom gets too old. */
const RENEWED_AFTER_MS = COUNTS_MS / 2;
/**
 * How long after its upload, in ms, a lexicon may not yet be what calls use and look-ups find. AWS says that Polly's
 * lexicon operations "have eventual consistency and it might take some time", and gives no figure; this one is meant to
 * be generous.
 * https://docs.aws.amazon.com/polly/latest/dg/API_PutLexicon.html
 */
const SETTLES_IN_MS = 120_000;
const THROTTLED_TRIES = 8;
const BACKOFF = { baseMs: 250, capMs: 5_000 };

type Digest = string | undefined;

interface Answer {
  readonly digest: Digest;
  /** When its look-up began, by `performance.now()`. */
  readonly begunAt: number;
  /** When it came, by `performance.now()`. */
  readonly at: number;
  /** From when on calls use this content, by `performance.now()`. */
  readonly settledAt: number;
}

interface LexiconsOptions {
  readonly provider: Provider;
  readonly speech: Pick<SpeechProvider, 'lexicon'>;
  readonly lookUps: LookUps;
  readonly logger: Pick<Logger, 'warn'>;
  readonly draining: AbortSignal;
}

/** SHA-256 of a lexicon's content; undefined if there is no lexicon of that name. Failures are {@link CallFailed}. */
export class Lexicons {
  /** How long an upload takes to settle, in ms: the local engine applies a lexicon at once. */
  readonly settlesInMs: number;
  readonly #options: LexiconsOptions;
  readonly #answers = new Map<string, Answer>();
  readonly #underWay = new Map<string, Promise<Answer>>();
  readonly #waits = new Rarely(SETTLES_IN_MS);

  constructor(options: LexiconsOptions) {
    this.#options = options;
    this.settlesInMs = options.provider === 'local' ? 0 : SETTLES_IN_MS;
  }

  /** The current digest. */
  async asked(name: string): Promise<Digest> {
    return (await this.#ask(name, performance.now())).digest;
  }

  /**
   * The digest, which came at most {@link COUNTS_MS} ago. If it is the wanted one but new, it comes only once calls use
   * that content.
   * @param changesFrom when a look-up has to begin, by `performance.now()`, for any other digest to count
   */
  async recent(name: string, wanted: string, changesFrom: number): Promise<Digest> {
    for (;;) {
      const { digest, begunAt, settledAt } = this.#answerTo(name) ?? (await this.#ask(name));
      if (digest !== wanted && begunAt >= changesFrom) return digest;
      const leftMs = (digest === wanted ? settledAt : changesFrom) - performance.now();
      if (leftMs > 0) await this.#settles(name, leftMs);
      else if (digest === wanted) return digest;
      else await this.#ask(name, changesFrom);
    }
  }

  async #settles(name: string, leftMs: number): Promise<void> {
    if (this.settlesInMs > 0 && this.#waits.isDue(name))
      this.#options.logger.warn(
        { lexicon: name, forMs: Math.ceil(leftMs) },
        'a lexicon may have been uploaded just now: items that name it wait until Polly surely uses it',
      );
    await sleep(leftMs, this.#options.draining);
  }

  /** The same without waiting; undefined where there is none. Before an answer gets too old, another is asked for. */
  latest(name: string): Answer | undefined {
    const answer = this.#answerTo(name);
    // An item that needs the answer gets the failure.
    if (answer && performance.now() - answer.at > RENEWED_AFTER_MS) this.#ask(name).catch(() => undefined);
    return answer;
  }

  #answerTo(name: string): Answer | undefined {
    const answer = this.#answers.get(name);
    return answer && performance.now() - answer.at < COUNTS_MS ? answer : undefined;
  }

  /**
   * Callers share a look-up that is under way: many sets that name one lexicon make one.
   * @param since if that look-up began before, by `performance.now()`, another follows
   */
  async #ask(name: string, since = 0): Promise<Answer> {
    for (;;) {
      const answer = await (this.#underWay.get(name) ?? this.#begin(name));
      if (answer.begunAt >= since) return answer;
    }
  }

  #begin(name: string): Promise<Answer> {
    const answer = this.#lookUp(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, answer);
    return answer;
  }

  async #lookUp(name: string): Promise<Answer> {
    const { speech, lookUps, draining } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        let begunAt = 0;
        const lexicon = await lookUps.one(() => {
          begunAt = performance.now();
          return speech.lexicon(name);
        });
        const settledAt = this.#settledAt(lexicon);
        const answer = { digest: lexicon?.sha256, begunAt, at: performance.now(), settledAt };
        this.#answers.set(name, answer);
        return answer;
      } catch (error) {
        if (!(error instanceof CallFailed && isThrottled(error.failure))) throw error;
        if (tries === THROTTLED_TRIES) throw error;
        await sleep(backoffDelayMs(tries, BACKOFF), draining);
      }
    }
  }

  #settledAt(lexicon: Lexicon | undefined): number {
    if (lexicon === undefined || this.settlesInMs === 0) return 0;
    return performance.now() + this.settlesInMs - Math.max(0, lexicon.ageMs);
  }
}
