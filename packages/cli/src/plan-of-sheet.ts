/** What making a set would cost and take now: what is new, and what the ledger says is paid for already. */
import type { ParsedItem, ParsedSet, Provider } from '@setlist/contracts';
import { costOfUnpaid, type PlannedItem, planSet, pricesFor } from '@setlist/ingest';
import { type Engine, formatUsd, QUOTAS } from '@setlist/polly';

export interface PlanItem {
  /** Counted from 0. */
  readonly index: number;
  /** Without the set's prefix. */
  readonly file: string;
  readonly voice: string;
  readonly engine: Engine;
  readonly billedCharacters: number;
  readonly state: 'new' | 'cached';
}

/** As `plan --json` prints it. Characters, money and time are of what would be paid now, each sound once. */
export interface Plan {
  readonly set: string;
  readonly prefix: string;
  readonly items: readonly PlanItem[];
  readonly billedCharacters: number;
  /** Decimal text. */
  readonly estimatedUsd: string;
  readonly estimatedSeconds: number;
}

export interface PlanBasis {
  readonly provider: Provider;
  /** By name; a name that is not in it makes its items new. */
  readonly lexicons: ReadonlyMap<string, string>;
  readonly paid: ReadonlySet<string>;
  /** How fast the local engine speaks here. */
  readonly cores: number;
}

/** Of espeak with mp3, for a second of one core; measured on prose of 550 characters an item. */
const LOCAL_CHARACTERS_PER_SECOND = 1_600;

export function planOf(set: ParsedSet, basis: PlanBasis): Plan {
  const terms = {
    provider: basis.provider,
    prices: pricesFor(basis.provider),
    lexicons: withUnknown(set, basis),
  };
  const plan = planSet(set, terms);
  const planned = [...plan.items()];
  const items = planned.map((item, at) => planItem(item, set.items[at], basis.paid));
  const unpaid = firstOfEachSound(planned).filter(({ hash }) => !basis.paid.has(hash));
  return {
    set: set.name,
    prefix: set.prefix,
    items,
    billedCharacters: unpaid.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0),
    estimatedUsd: formatUsd(costOfUnpaid(plan, basis.paid, terms.prices)),
    estimatedSeconds: secondsFor(unpaid, set, terms, basis),
  };
}

/** The hashes that a plan has to know the state of. */
export const hashesOf = (set: ParsedSet, basis: Pick<PlanBasis, 'provider' | 'lexicons'>): string[] =>
  [
    ...planSet(set, {
      provider: basis.provider,
      prices: pricesFor('local'),
      lexicons: withUnknown(set, basis),
    }).items(),
  ].map(({ hash }) => hash);

export const lexiconNames = ({ items }: ParsedSet): Set<string> =>
  new Set(items.flatMap(({ lexicons }) => lexicons));

/** A digest that no content has, so that its sounds are in nobody's ledger. */
function withUnknown(set: ParsedSet, { lexicons }: Pick<PlanBasis, 'lexicons'>): Map<string, string> {
  return new Map([...lexiconNames(set)].map((name) => [name, lexicons.get(name) ?? `unknown: ${name}`]));
}

function planItem(item: PlannedItem, parsed: ParsedItem | undefined, paid: ReadonlySet<string>): PlanItem {
  const { index, sound, lane, billedCharacters, hash } = item;
  return {
    index,
    file: parsed?.file ?? item.file,
    voice: sound.voice,
    engine: lane,
    billedCharacters,
    state: paid.has(hash) ? 'cached' : 'new',
  };
}

function firstOfEachSound(items: readonly PlannedItem[]): PlannedItem[] {
  const seen = new Set<string>();
  return items.filter(({ hash }) => !seen.has(hash) && seen.add(hash));
}

/** Polly: what its quotas impose. The local engine has none, and is as fast as the machine. */
function secondsFor(
  unpaid: readonly PlannedItem[],
  set: ParsedSet,
  terms: Parameters<typeof planSet>[1],
  { provider, cores }: PlanBasis,
): number {
  if (provider === 'local') {
    const characters = unpaid.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0);
    return Math.ceil(characters / (LOCAL_CHARACTERS_PER_SECOND * cores));
  }
  const wanted = new Set(unpaid.map(({ index }) => index));
  const rest = { ...set, items: set.items.filter(({ index }) => wanted.has(index)) };
  return planSet(rest, { ...terms, quotas: QUOTAS }).estimatedSeconds;
}
