/** Enforces Polly's quotas: a token bucket for the rate and its burst, and a count of the calls in flight. */
import { ENGINES, type Quota, type Quotas, VOICES_QUOTA } from '@setlist/polly';
import type { OperationName } from './wire/routes.ts';

/** `SynthesizeSpeech/neural`, or the name of a quota that several operations share. */
export type QuotaName = string;
export type QuotaTable = Readonly<Record<QuotaName, Quota>>;

type Admission =
  | { readonly admitted: true; readonly release: () => void }
  | { readonly admitted: false; readonly limit: 'rate' | 'concurrency' };

export type QuotaGate = { admit(name: QuotaName): Admission };

/** With speech quotas, the quotas of all other calls apply too; without them, none does. */
export function quotaTable(quotas: Quotas | undefined): QuotaTable {
  if (quotas === undefined) return {};
  return {
    ...Object.fromEntries(
      ENGINES.flatMap((engine) => [
        [`SynthesizeSpeech/${engine}`, quotas[engine].synthesize],
        [`StartSpeechSynthesisTask/${engine}`, quotas[engine].task],
      ]),
    ),
    DescribeVoices: VOICES_QUOTA,
    Tasks: quotas.poll,
    Lexicons: quotas.lexicons,
  };
}

const SHARED: Readonly<Partial<Record<OperationName, QuotaName>>> = {
  GetSpeechSynthesisTask: 'Tasks',
  ListSpeechSynthesisTasks: 'Tasks',
  PutLexicon: 'Lexicons',
  GetLexicon: 'Lexicons',
  ListLexicons: 'Lexicons',
  DeleteLexicon: 'Lexicons',
};

export function quotaNameOf(operation: OperationName, engine: string | undefined): QuotaName {
  return SHARED[operation] ?? (engine === undefined ? operation : `${operation}/${engine}`);
}

const NOTHING_TO_RELEASE = { admitted: true, release: () => undefined } as const;

/**
 * A bucket holds `burst` tokens, starts full and gains `rps` a second; a call takes one. Names missing from the table
 * have no quota. @param nowMs a monotonic clock.
 */
export function createQuotaGate(quotas: QuotaTable, nowMs: () => number): QuotaGate {
  const buckets = new Map(Object.entries(quotas).map(([name, quota]) => [name, createBucket(quota, nowMs)]));
  return { admit: (name) => buckets.get(name)?.admit() ?? NOTHING_TO_RELEASE };
}

function createBucket({ rps, burst, concurrency = Number.POSITIVE_INFINITY }: Quota, nowMs: () => number) {
  let tokens = burst;
  let filledAt = nowMs();
  let inFlight = 0;
  return {
    admit(): Admission {
      const now = nowMs();
      tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * rps);
      filledAt = now;
      if (tokens < 1) return { admitted: false, limit: 'rate' };
      if (inFlight >= concurrency) return { admitted: false, limit: 'concurrency' };
      tokens -= 1;
      inFlight += 1;
      let released = false;
      return {
        admitted: true,
        release: () => {
          if (!released) inFlight -= 1;
          released = true;
        },
      };
    },
  };
}
