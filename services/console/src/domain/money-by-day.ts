/** What was spent and what reuse saved, by day and by set: sums over the summaries, in exact decimals. */
import type { SetSummary } from '@setlist/contracts';
import { formatUsd, parseUsd } from '@setlist/polly';
import { z } from 'zod';

const paidCharacters = z
  .int()
  .describe('characters that were paid for; the local engine’s are free and don’t count');
const usd = z.string().describe('US dollars, decimal text');

export const moneySchema = z.object({
  spentUsd: usd,
  savedUsd: usd,
  days: z
    .array(
      z.object({
        day: z.iso.date(),
        spentUsd: usd,
        savedUsd: usd,
        billedCharacters: paidCharacters,
        sets: z.int(),
      }),
    )
    .describe('by the UTC day on which a set’s newest round began; newest first'),
  sets: z
    .array(
      z.object({
        setId: z.string(),
        name: z.string(),
        spentUsd: usd,
        savedUsd: usd,
        billedCharacters: paidCharacters,
      }),
    )
    .describe('the sets that cost most, then those that saved most'),
});
export type Money = z.infer<typeof moneySchema>;

const SETS_SHOWN = 100;

interface Sum {
  spent: bigint;
  saved: bigint;
  billedCharacters: number;
  sets: number;
}

const nothing = (): Sum => ({ spent: 0n, saved: 0n, billedCharacters: 0, sets: 0 });

export function moneyOf(summaries: Iterable<SetSummary>): Money {
  const all = nothing();
  const days = new Map<string, Sum>();
  const sets: (Sum & { setId: string; name: string })[] = [];
  for (const { setId, set, startedAt, provider, costUsd, savedUsd, billedCharacters: spoken } of summaries) {
    const billedCharacters = provider === 'local' ? 0 : spoken;
    const sum = { spent: parseUsd(costUsd), saved: parseUsd(savedUsd), billedCharacters, sets: 1 };
    const day = startedAt.slice(0, 10);
    add(all, sum);
    days.set(day, add(days.get(day) ?? nothing(), sum));
    if (sum.spent > 0n || sum.saved > 0n) sets.push({ setId, name: set.name, ...sum });
  }
  return {
    spentUsd: formatUsd(all.spent),
    savedUsd: formatUsd(all.saved),
    days: [...days]
      .sort(([a], [b]) => b.localeCompare(a))
      .map(([day, sum]) => ({ day, ...inUsd(sum), sets: sum.sets })),
    sets: sets
      .sort((a, b) => compare(b.spent, a.spent) || compare(b.saved, a.saved))
      .slice(0, SETS_SHOWN)
      .map(({ setId, name, ...sum }) => ({ setId, name, ...inUsd(sum) })),
  };
}

function add(to: Sum, more: Sum): Sum {
  to.spent += more.spent;
  to.saved += more.saved;
  to.billedCharacters += more.billedCharacters;
  to.sets += more.sets;
  return to;
}

const inUsd = ({ spent, saved, billedCharacters }: Sum) => ({
  spentUsd: formatUsd(spent),
  savedUsd: formatUsd(saved),
  billedCharacters,
});

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
