/** The setting QUOTAS, by which operators choose the quotas: one definition for all that keep or show them. */
import { type LookUp, QUOTAS, type Quota, type Quotas } from './quotas.ts';
import { ENGINES, type Engine, type Operation } from './vocabulary.ts';

/** `auto`: Polly's own quotas for Polly, no quotas for the local engine. */
type QuotaSetting = 'auto' | 'off' | Quotas;

/** The message for a value that is not such a setting. */
export const QUOTA_FORMS =
  'must be auto, off, polly, or entries such as neural.synthesize=8/10/18 (a second / burst / at once), poll=10/10 or lexicons=5/10';

const ENTRY = /^(?:([a-z-]+)\.(synthesize|task)|(poll|lexicons))=(\d+(?:\.\d+)?)(?:\/(\d+))?(?:\/(\d+))?$/;

/**
 * Reads `auto`, `off`, or `polly` and entries that override single quotas: `engine.operation=rps/burst/concurrency`,
 * `poll=rps/burst` and `lexicons=rps/burst`.
 */
export function readQuotas(text: string): QuotaSetting | undefined {
  if (text === 'auto' || text === 'off') return text;
  const quotas = structuredClone(QUOTAS) as Record<Engine, Record<Operation, Quota>> & Record<LookUp, Quota>;
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === 'polly') continue;
    const [, engine, operation, lookUp, rps, burst = rps, concurrency] = ENTRY.exec(entry) ?? [];
    if (rps === undefined || !(Number(rps) > 0)) return undefined;
    if (concurrency !== undefined && (lookUp !== undefined || Number(concurrency) < 1)) return undefined;
    const quota = {
      rps: Number(rps),
      burst: Math.max(1, Math.floor(Number(burst))),
      ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    };
    if (lookUp !== undefined) quotas[lookUp as LookUp] = quota;
    else if (isEngine(engine)) quotas[engine][operation as Operation] = quota;
    else return undefined;
  }
  return quotas;
}

const isEngine = (name: string | undefined): name is Engine => ENGINES.some((engine) => engine === name);

/** The quotas to keep with a provider; nothing if none are kept. */
export function quotasFor(setting: QuotaSetting, provider: 'local' | 'polly'): Quotas | undefined {
  if (setting === 'off') return undefined;
  if (setting === 'auto') return provider === 'polly' ? QUOTAS : undefined;
  return setting;
}
