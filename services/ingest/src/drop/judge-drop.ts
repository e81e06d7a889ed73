/** Judges a checked file: is it valid, can this installation do it, and is its cost allowed. */

import {
  type Characters,
  charactersToPay,
  checkDoor,
  checkMoney,
  doorOf,
  NO_CHARACTERS,
  plannedItems,
  planSet,
  pricesFor,
  type RunTerms,
  type SoundTerms,
  StoredAudio,
  tariffOf,
  termsOf,
} from '@setlist/admission';
import type { EventOf } from '@setlist/contracts';
import { deadlineAt, type Problem } from '@setlist/set-file';
import { reserve } from '../adapters/reservations.ts';
import { fitProblems } from '../domain/refusal.ts';
import { setAccepted, setRejected } from '../domain/set-events.ts';
import { type CheckedDrop, type CheckedSet, knownLexicons } from './checked-drop.ts';
import type { DropDeps } from './drop-deps.ts';

export type Beginning = EventOf<'SetAccepted'> | EventOf<'SetRejected'>;

/** Writes nothing to the log yet; where sets share a cap or free characters it reserves the cost: see `reservations.ts`. */
export async function judgeDrop(checkedDrop: CheckedDrop, deps: DropDeps): Promise<Beginning> {
  const { file, dropped } = checkedDrop;
  if (!file.checked.ok) return refusal(checkedDrop, file.checked, deps.now());
  const open: CheckedSet = { ...file.checked, file };
  const { set, survey, warnings } = file.checked;
  const { settings, output, log, inboxOf } = deps;
  const provider = settings.PROVIDER;
  const terms = termsOf(set, dropped.options);
  const lexicons = await knownLexicons(survey, deps, provider);
  const now = new Date(log.clock.now());
  const door = { ...doorOf(settings), lexicons, inboxOf, output: output.uri, now };
  const atDoor = checkDoor({ set, survey, terms }, door);
  const notify = set.notify.filter((channel) => settings.NOTIFY_CHANNELS.includes(channel));
  if (atDoor.problemCount > 0) return refusal(checkedDrop, { name: set.name, notify, ...atDoor }, deps.now());
  const money = await admit(checkedDrop, { open, terms, sounds: { provider, lexicons } }, deps);
  if (money.problem) {
    const refused = { name: set.name, notify, problems: [money.problem], problemCount: 1 };
    return refusal(checkedDrop, refused, deps.now());
  }
  if (checkedDrop.source.kept === undefined)
    throw new Error(`${dropped.fileName} was checked without having been kept`);
  const acceptance = {
    run: dropped.run,
    setId: checkedDrop.setId,
    source: { ...checkedDrop.source, kept: checkedDrop.source.kept },
    provider,
    output: output.uri,
    location: output.locate(set.prefix),
    compat: settings.COMPAT,
    lexicons,
    warnings: warnings.length,
    terms,
    deadline: terms.deadline === undefined ? undefined : deadlineAt(terms.deadline, now),
    unpaid: money.unpaid,
  };
  const plan = planSet(survey, pricesFor(provider, settings.PRICES));
  return setAccepted(set, plan, acceptance, deps.now());
}

interface Admission {
  /** Missing if neither a budget, nor a cap, nor free characters apply. */
  readonly unpaid?: Characters;
  readonly problem?: Problem;
}

/** Looks up the set's sounds only if money could be a reason to refuse it, or others that come later. */
async function admit(
  { setId }: CheckedDrop,
  { open, terms, sounds }: { open: CheckedSet; terms: RunTerms; sounds: SoundTerms },
  { log, store, settings, position }: DropDeps,
): Promise<Admission> {
  const { MONTHLY_USD: monthlyUsd } = settings;
  const tariff = tariffOf(settings);
  // Sets share the cap and the free characters; a budget alone is the set's own.
  const isShared = monthlyUsd !== undefined || Object.keys(tariff.free).length > 0;
  if (sounds.provider !== 'polly' || (terms.limit === undefined && !isShared)) return {};
  // A set that nothing can refuse doesn't wait for the store.
  const isRefusable = terms.limit !== undefined || monthlyUsd !== undefined;
  const sources = { log, audio: isRefusable ? new StoredAudio(store, log) : undefined };
  const items = plannedItems(open.set.prefix, open.file.items(), sounds);
  const { unpaid, gone } = await charactersToPay(sources, items, terms.fresh);
  const bill = { tariff, unpaid, gone, monthlyUsd };
  const refuses = (month: { spent: Characters; open: Characters }): Problem | undefined =>
    checkMoney(open.set, terms, { ...bill, ...month, now: new Date(log.clock.now()) });
  const problem = isShared
    ? await reserve({ log, position }, { setId, characters: unpaid }, refuses)
    : refuses({ spent: NO_CHARACTERS, open: NO_CHARACTERS });
  return { unpaid, ...(problem && { problem }) };
}

function refusal(
  { dropped, setId, source }: CheckedDrop,
  refused: {
    readonly name?: string | undefined;
    readonly notify?: readonly string[];
    readonly problems: readonly Problem[];
    readonly problemCount: number;
  },
  now: Date,
): EventOf<'SetRejected'> {
  // A file that can't be read may name wrong channels too: then the default channels are notified.
  const { name, notify = [], problems, problemCount } = refused;
  const what = { run: dropped.run, setId, name, notify, source, problemCount };
  return setRejected({ ...what, problems: fitProblems(problems) }, now);
}
