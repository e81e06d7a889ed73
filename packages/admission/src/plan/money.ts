/** The money in a plan: the price, the budget that applies, and the month so far. */
import { formatUsd } from '@setlist/polly';
import type { Problem, SetTerms } from '@setlist/set-file';
import type { ToPay } from '../adapters/known-sounds.ts';
import { type MonthLog, MonthSpending } from '../adapters/month-spending.ts';
import { checkMoney } from '../domain/check-money.ts';
import {
  type Characters,
  costOfMonth,
  costOnTop,
  NO_CHARACTERS,
  pricesFor,
  sumOf,
  upToUsd,
} from '../domain/prices.ts';
import type { RunTerms } from '../domain/run-options.ts';
import { type MoneySettings, tariffOf } from '../money-settings.ts';

/** Amounts in US dollars as decimal text; amounts that would be paid are rounded up. */
export interface PlanMoney {
  /** What would be paid now, after the month's remaining free characters. */
  readonly estimatedUsd: string;
  /** For the local engine, which is free: what Polly would charge at its list prices for sounds that it is not paid for. */
  readonly byPollyUsd?: string;
  /** What would be paid without any free characters, where that is more. */
  readonly listUsd?: string;
  readonly budget?: { readonly usd: string; readonly by: 'budget' | '--max-usd' };
  /** The calendar month in UTC, before this set; present where a cap or free characters are configured. */
  readonly month?: {
    readonly spentUsd: string;
    /** What open sets may still cost. */
    readonly openUsd: string;
    readonly capUsd?: string;
  };
  /** Why the set would be refused. */
  readonly problem?: Problem;
}

export interface MoneyBasis {
  readonly set: SetTerms;
  readonly terms: RunTerms;
  readonly settings: MoneySettings;
  /** `undefined` where there is no log yet: then nothing has been spent. */
  readonly log: MonthLog | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The local engine is free. @param byPolly what would be paid to Polly */
export function moneyForFree(byPolly: Characters): PlanMoney {
  const tariff = { prices: pricesFor('polly'), free: NO_CHARACTERS };
  return { estimatedUsd: formatUsd(0n), byPollyUsd: upToUsd(costOfMonth(byPolly, tariff)) };
}

/** Polly costs money, so the month and the set's budget are checked. */
export async function planMoney({ unpaid, gone }: ToPay, basis: MoneyBasis): Promise<PlanMoney> {
  const { set, terms, settings, log, signal } = basis;
  const { MONTHLY_USD: monthlyUsd } = settings;
  const tariff = tariffOf(settings);
  const counts = monthlyUsd !== undefined || Object.keys(tariff.free).length > 0;
  const { spent, open } =
    counts && log ? await monthSoFar(log, signal) : { spent: NO_CHARACTERS, open: NO_CHARACTERS };
  const now = new Date(log?.clock.now() ?? Date.now());
  const problem = checkMoney(set, terms, { tariff, unpaid, gone, spent, open, monthlyUsd, now });
  const month = {
    spentUsd: formatUsd(costOfMonth(spent, tariff)),
    openUsd: formatUsd(costOnTop(spent, open, tariff)),
    ...(monthlyUsd !== undefined && { capUsd: monthlyUsd }),
  };
  const cost = costOnTop(sumOf(spent, open), unpaid, tariff);
  const listCost = costOfMonth(unpaid, { ...tariff, free: NO_CHARACTERS });
  return {
    estimatedUsd: upToUsd(cost),
    ...(cost < listCost && { listUsd: upToUsd(listCost) }),
    ...(terms.limit && { budget: terms.limit }),
    ...(counts && { month }),
    ...(problem && { problem }),
  };
}

export async function monthSoFar(
  log: MonthLog,
  signal: AbortSignal | undefined,
): Promise<{ spent: Characters; open: Characters }> {
  using spending = new MonthSpending(log, signal);
  const { spent, open } = await spending.position();
  return { spent, open: sumOf(...open.values()) };
}
