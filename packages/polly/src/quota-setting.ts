/** How operators say which quotas are kept: the setting QUOTAS, the same for whoever keeps them and whoever shows them. */
import { QUOTAS, type Quota } from './quotas.ts';
import { ENGINES, type Engine, type Operation } from './vocabulary.ts';

export type Quotas = Readonly<Record<Engine, Readonly<Record<Operation, Quota>>>>;
/** `auto`: Polly's for Polly, none for the local engine. */
type QuotaSetting = 'auto' | 'off' | Quotas;

/** What is said of a text that is none. */
export const QUOTA_FORMS =
  'must be auto, off, polly, or entries such as neural.synthesize=8/10/18 (a second / burst / at once)';

const ENTRY = /^([a-z-]+)\.(synthesize|task)=(\d+(?:\.\d+)?)(?:\/(\d+))?(?:\/(\d+))?$/;

/** `auto`, `off`, or `polly` with any entry `engine.operation=rps/burst/concurrency` changed. */
export function readQuotas(text: string): QuotaSetting | undefined {
  if (text === 'auto' || text === 'off') return text;
  const quotas = structuredClone(QUOTAS) as Record<Engine, Record<Operation, Quota>>;
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === 'polly') continue;
    const [, engine, operation, rps, burst = rps, concurrency] = ENTRY.exec(entry) ?? [];
    if (!isEngine(engine) || rps === undefined || !(Number(rps) > 0)) return undefined;
    if (concurrency !== undefined && Number(concurrency) < 1) return undefined;
    quotas[engine][operation as Operation] = {
      rps: Number(rps),
      burst: Math.max(1, Math.floor(Number(burst))),
      ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    };
  }
  return quotas;
}

const isEngine = (name: string | undefined): name is Engine => ENGINES.some((engine) => engine === name);

/** Nothing where no quota is kept. */
export function quotasFor(setting: QuotaSetting, provider: 'local' | 'polly'): Quotas | undefined {
  if (setting === 'off') return undefined;
  if (setting === 'auto') return provider === 'polly' ? QUOTAS : undefined;
  return setting;
}
