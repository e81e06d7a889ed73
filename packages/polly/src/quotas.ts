/** Polly's default quotas and limits of an account; settings override the quotas. */
import type { Engine, Operation } from './vocabulary.ts';

/** A quota per account and region: `rps` calls a second, `burst` calls at once, `concurrency` calls in flight. */
export type Quota = { readonly rps: number; readonly burst: number; readonly concurrency?: number };

/**
 * Operations of one quota that all engines share. `poll` is GetSpeechSynthesisTask and ListSpeechSynthesisTasks; `lexicons`
 * is PutLexicon, GetLexicon, ListLexicons and DeleteLexicon.
 */
export type LookUp = 'poll' | 'lexicons';

export type Quotas = Readonly<Record<Engine, Readonly<Record<Operation, Quota>>> & Record<LookUp, Quota>>;

/**
 * [Quotas in Amazon Polly](https://docs.aws.amazon.com/polly/latest/dg/limits.html). The quotas of the two operations
 * are separate. Where AWS gives no burst, it is the rate. Neural tasks: older pages say 1 a second.
 */
export const QUOTAS: Quotas = {
  standard: { synthesize: { rps: 80, burst: 100, concurrency: 80 }, task: { rps: 10, burst: 12 } },
  neural: { synthesize: { rps: 8, burst: 10, concurrency: 18 }, task: { rps: 10, burst: 10 } },
  'long-form': { synthesize: { rps: 8, burst: 10, concurrency: 26 }, task: { rps: 1, burst: 1 } },
  generative: { synthesize: { rps: 8, burst: 8, concurrency: 26 }, task: { rps: 1, burst: 1 } },
  poll: { rps: 10, burst: 10 },
  lexicons: { rps: 5, burst: 10 },
};

/** DescribeVoices. */
export const VOICES_QUOTA: Quota = { rps: 80, burst: 100 };

/** Polly's fixed limits; a quota increase does not change them. */
export const LIMITS = {
  /** Characters of a SynthesizeSpeech text: `billed` without SSML tags, `total` with them. */
  synthesize: { billed: 3_000, total: 6_000 },
  /** Characters of a StartSpeechSynthesisTask text, counted in the same way. */
  task: { billed: 100_000, total: 200_000 },
  /** SynthesizeSpeech silently cuts the audio off here. */
  synthesizeAudioMs: 600_000,
  lexiconsPerRequest: 5,
  lexiconsPerAccount: 100,
  lexiconCharacters: 40_000,
  /** Characters of one `<phoneme>` or `<alias>` in a lexicon. */
  lexiconReplacementCharacters: 100,
  /** The pattern of a lexicon's name. */
  lexiconName: /^[0-9A-Za-z]{1,20}$/,
  /** The longest pause of one `<break time>`. */
  breakMs: 10_000,
  /** The longest OutputS3KeyPrefix, in characters. */
  keyPrefixCharacters: 800,
  /** The pattern of an OutputS3KeyPrefix: no spaces, ASCII only. */
  keyPrefix: /^[0-9a-zA-Z/!\-_.*'():;$@=+,?&]{0,800}$/,
  /** Tasks in one page of ListSpeechSynthesisTasks. */
  tasksPerPage: 100,
  /** How long Polly remembers a finished task. */
  taskKeptMs: 72 * 3_600_000,
} as const;

/** Audio of SynthesizeSpeech from this length on counts as cut off, since Polly cuts it without an error. */
export const CUT_OFF_FROM_MS = LIMITS.synthesizeAudioMs - 500;
