/** Checks a set's cost against its own budget, and against the month's cap for all sets together. */
import { exactUsd, parseUsd } from '@setlist/polly';
import type { Problem, SetTerms } from '@setlist/set-file';
import { placeOfKey } from './check-door.ts';
import { type Characters, costOfMonth, costOnTop, sumOf, type Tariff } from './prices.ts';
import type { RunTerms } from './run-options.ts';

/** The amounts that decide whether a set is let in. */
export interface Account {
  readonly tariff: Tariff;
  /** What this set would have to pay for: once each sound that is not paid for, or gone from the store. */
  readonly unpaid: Characters;
  /** The part of `unpaid` that is gone from the store. */
  readonly gone: Characters;
  /** Paid in this calendar month (UTC). */
  readonly spent: Characters;
  /** What other open sets may still pay. */
  readonly open: Characters;
  /** The most that all sets together may cost in a month, in US dollars. */
  readonly monthlyUsd?: string | undefined;
  /** The broker's clock. */
  readonly now: Date;
}

/** The problem for which the set is refused because of its cost, if there is one. */
export function checkMoney(set: SetTerms, terms: RunTerms, account: Account): Problem | undefined {
  return overBudget(set, terms, account) ?? overMonth(account);
}

function overBudget(set: SetTerms, { limit }: RunTerms, account: Account): Problem | undefined {
  const { tariff, unpaid, spent, open } = account;
  if (limit === undefined) return undefined;
  const cost = costOnTop(sumOf(spent, open), unpaid, tariff);
  if (cost <= parseUsd(limit.usd)) return undefined;
  const inFile = limit.by === 'budget';
  return {
    ...(inFile ? placeOfKey(set, 'budget') : { line: 1, column: 1 }),
    path: inFile ? 'set.budget' : '',
    code: 'budget',
    message: `${named(account)} costs ${exactUsd(cost)} USD, more than the ${inFile ? 'budget' : '--max-usd'} of ${limit.usd} USD`,
    remedy: `raise ${inFile ? 'the budget' : '--max-usd'}, choose a cheaper engine, or take items out`,
  };
}

function overMonth(account: Account): Problem | undefined {
  const { tariff, unpaid, spent, open, monthlyUsd, now } = account;
  if (monthlyUsd === undefined) return undefined;
  const total = costOfMonth(sumOf(spent, open, unpaid), tariff);
  const own = costOnTop(sumOf(spent, open), unpaid, tariff);
  // A set that costs nothing more is let in, whatever the month has cost.
  if (own === 0n || total <= parseUsd(monthlyUsd)) return undefined;
  const paid = costOfMonth(spent, tariff);
  const mayCome = costOnTop(spent, open, tariff);
  return {
    line: 1,
    column: 1,
    path: '',
    code: 'monthly-cap',
    message: `${named(account)} costs ${exactUsd(own)} USD; with ${exactUsd(paid)} USD paid this month and up to ${exactUsd(mayCome)} USD that open sets may still cost, that is more than the ${monthlyUsd} USD allowed a month`,
    remedy: `wait for open sets to end or for ${nextMonth(now)} (UTC), take items out, or have the operator raise MONTHLY_USD`,
  };
}

/** The subject of the messages: what the cost is for. */
const named = ({ gone }: Account): string =>
  Object.keys(gone).length === 0
    ? 'what is not paid for yet'
    : 'what is not paid for yet, or paid for and gone from the store,';

/** The first day of the next month, as `2026-12-01`. */
const nextMonth = (now: Date): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
