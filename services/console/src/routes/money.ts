/** Money spent and saved, and use of the quotas. */
import { ENGINES, QUOTAS, type Quotas, quotasFor } from '@setlist/polly';
import { z } from 'zod';
import { moneyOf, moneySchema } from '../domain/money-by-day.ts';
import { KEPT_SECONDS, quotaUseSchema } from '../domain/quota-use.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { refusals } from '../http/problem.ts';

const rates = z.array(
  z.object({ engine: z.string(), operation: z.string(), rps: z.number(), burst: z.number() }),
);
export const quotaAnswer = quotaUseSchema.extend({
  allowed: rates.describe(
    'the quotas that dispatchers keep to, by QUOTAS; none for the local engine unless QUOTAS sets one',
  ),
  documented: rates.describe('Polly’s documented quotas'),
});

export function moneyRoutes(api: Api, { settings, mirror, quota, log }: ConsoleDeps): void {
  const kept = quotasFor(settings.QUOTAS, settings.PROVIDER);
  const allowed = kept === undefined ? [] : ratesOf(kept);

  api.get(
    '/money',
    {
      schema: { tags: ['account'], summary: 'Spent and saved', response: { 200: moneySchema, ...refusals } },
    },
    async ({ caller }) => moneyOf([...mirror.all()].filter(({ set }) => caller.maySee(set.name))),
  );

  api.get(
    '/quota',
    {
      schema: {
        tags: ['account'],
        summary: 'Calls, throttles and dispatchers of the last minutes, for the sets that the caller can see',
        querystring: z.object({
          seconds: z.coerce.number().int().min(10).max(KEPT_SECONDS).default(300),
        }),
        response: { 200: quotaAnswer, ...refusals },
      },
    },
    async ({ query: { seconds }, caller }) => {
      const mine = (setId: string): boolean => {
        const summary = mirror.get(setId);
        return summary !== undefined && caller.maySee(summary.set.name);
      };
      const counts = caller.seesAllSets ? undefined : mine;
      return { ...quota.use(log.clock.now(), seconds, counts), allowed, documented };
    },
  );
}

function ratesOf(quotas: Quotas): z.infer<typeof rates> {
  return ENGINES.flatMap((engine) =>
    Object.entries(quotas[engine]).map(([operation, { rps, burst }]) => ({ engine, operation, rps, burst })),
  );
}

const documented = ratesOf(QUOTAS);
