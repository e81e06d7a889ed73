/** What becomes of a claimed file, step by step; each step may be repeated after a crash and changes nothing twice. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EventOf, type ParsedSet, type SetFileResult, setId, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { fileAway } from './adapters/inbox.ts';
import { lexiconDigests, paidAmong } from './adapters/ledger.ts';
import { type DropContent, keepSetFile, readDrop } from './adapters/read-drop.ts';
import { writeReport } from './adapters/report.ts';
import type { Desk } from './desk.ts';
import { checkDoor, type DoorCheck } from './domain/check-door.ts';
import { type Drop, nameWithoutExtension } from './domain/drop.ts';
import { placesIn } from './domain/places.ts';
import { costOfUnpaid, type PlanTerms, plannedItems, planSet } from './domain/plan-set.ts';
import { pricesFor } from './domain/prices.ts';
import { fitProblems, tooLarge } from './domain/refusal.ts';
import { type SetFileSource, setAccepted, setRejected } from './domain/set-events.ts';
import { requestItems } from './request-items.ts';

type Beginning = EventOf<'SetAccepted'> | EventOf<'SetRejected'>;

/** A file as it was read, kept and parsed. */
interface Sheet {
  readonly drop: Drop;
  readonly id: string;
  readonly source: SetFileSource;
  readonly bytes: Uint8Array | undefined;
  readonly result: SetFileResult;
}

/** The broker holds an event that we can't see yet, or can't read. */
class BeginningUnclear extends Error {
  override readonly name = 'BeginningUnclear';
  readonly code = 'beginning-unclear';
  readonly remedy = 'If this goes on, a newer version of Setlist may have written it: start that one.';
}

/**
 * Takes a claimed file to its end: accepted, asked for and in `done`, or refused and in `rejected` with its report.
 *
 *     read ─▶ keep ─▶ parse ─▶ begun in the log? ── no ──▶ check the door ─▶ SetAccepted or SetRejected
 *                                    │ yes: what it says holds                     │
 *                                    └──────────────┬──────────────────────────────┘
 *                             accepted: ItemRequested … ─▶ done/    rejected: report ─▶ rejected/
 *
 * The log decides: whatever stands first in the set's life is what the set is, and a crash, a second replica or
 * changed settings don't alter it.
 * @throws what kept it from getting there; the same call goes on where that one ended
 */
export async function settleDrop(drop: Drop, desk: Desk): Promise<void> {
  const content = await readDrop(drop);
  if (content === undefined) return;
  const sheet = await readSheet(drop, content, desk);
  const before = await beginningOf(desk.log, sheet.id);
  const begun = before ?? (await begin(sheet, desk));
  if (begun.name === 'SetRejected') return reject(drop, begun, desk);
  const set = await acceptedSet(sheet, begun, desk);
  const { provider } = begun.data;
  const items = plannedItems(set, { provider, lexicons: await knownLexicons(set, desk, provider) });
  await requestItems(begun, items, desk, before === undefined ? 'first' : 'again');
  await fileAway(drop, 'done');
}

/** Keeping comes first: from here on the bytes outlive the file. */
async function readSheet(drop: Drop, { size, bytes }: DropContent, desk: Desk): Promise<Sheet> {
  const uri = pathToFileURL(join(drop.inbox, drop.fileName)).href;
  const kept = bytes && (await keepSetFile(desk.store, drop, bytes));
  const result = bytes
    ? await desk.parse(bytes, { fileName: drop.fileName, compat: desk.settings.COMPAT })
    : refusedUnread(size);
  const name = result.ok ? result.set.name : result.name;
  return {
    drop,
    id: setId(name ?? nameWithoutExtension(drop.fileName), drop.run),
    source: { uri, bytes: size, ...(kept && { kept }) },
    bytes,
    result,
  };
}

const refusedUnread = (size: number): SetFileResult => ({
  ok: false,
  problems: [tooLarge(size)],
  problemCount: 1,
  warnings: [],
});

/** How the set's life began, according to the log. */
async function beginningOf(log: EventLog, id: string): Promise<Beginning | undefined> {
  const first = await log.first(subjects.state(id));
  if (first === undefined) return undefined;
  const { event } = first;
  if (event?.name === 'SetAccepted' || event?.name === 'SetRejected') return event;
  throw new BeginningUnclear(`the life of ${id} begins with what is no acceptance or refusal`);
}

async function begin(sheet: Sheet, desk: Desk): Promise<Beginning> {
  const { id, drop, result } = sheet;
  const event = result.ok ? await decide(sheet, result, desk) : refusalOf(sheet, result, desk.now());
  await desk.log.append(event, { lastSeq: 0 });
  // Another replica may have been first, and an answer from before a crash may differ from ours.
  const begun = await beginningOf(desk.log, id);
  if (begun === undefined) throw new BeginningUnclear(`what was just said of ${id} can't be read yet`);
  const { run, fileName } = drop;
  if (begun.name === 'SetAccepted') {
    const { itemCount, billedCharacters, estimatedUsd, warnings } = begun.data;
    desk.logger.info(
      {
        event: 'set-accepted',
        setId: id,
        run,
        file: fileName,
        itemCount,
        billedCharacters,
        estimatedUsd,
        warnings,
      },
      `${fileName} is accepted as ${id}`,
    );
  }
  return begun;
}

async function decide(
  sheet: Sheet,
  { set, warnings }: Extract<SetFileResult, { ok: true }>,
  desk: Desk,
): Promise<Beginning> {
  const { drop, id, source, bytes } = sheet;
  const { settings, output } = desk;
  const provider = settings.PROVIDER;
  const lexicons = await knownLexicons(set, desk, provider);
  const terms: PlanTerms = { provider, prices: pricesFor(provider, settings.PRICES), lexicons };
  const { problems, problemCount } = await checkTheDoor(set, terms, desk, bytes);
  if (problemCount > 0) {
    const notify = set.notify.filter((channel) => settings.NOTIFY_CHANNELS.includes(channel));
    return refusalOf(sheet, { name: set.name, notify, problems, problemCount }, desk.now());
  }
  if (source.kept === undefined) throw new Error(`${drop.fileName} was checked without having been kept`);
  const acceptance = {
    run: drop.run,
    setId: id,
    source: { ...source, kept: source.kept },
    provider,
    output: output.uri,
    location: output.locate(set.prefix),
    compat: settings.COMPAT,
    warnings: warnings.length,
  };
  return setAccepted(set, planSet(set, terms), acceptance, desk.now());
}

async function checkTheDoor(
  set: ParsedSet,
  terms: PlanTerms,
  { log, settings }: Desk,
  bytes: Uint8Array | undefined,
): Promise<DoorCheck> {
  const door = {
    provider: terms.provider,
    hasTaskBucket: settings.TASK_BUCKET !== undefined,
    channels: settings.NOTIFY_CHANNELS,
    lexicons: terms.lexicons,
  };
  const places = placesIn(new TextDecoder().decode(bytes));
  const check = checkDoor(set, door, places);
  if (check.problemCount > 0 || set.budgetUsd === undefined) return check;
  // Only now is every sound known by its hash, and only a set with a budget has to look all of them up.
  const plan = planSet(set, terms);
  const hashes = Array.from(plan.items(), ({ hash }) => hash);
  const paid = await paidAmong(log, hashes);
  return checkDoor(set, { ...door, unpaidCost: costOfUnpaid(plan, paid, terms.prices) }, places);
}

function refusalOf(
  { drop, id, source }: Sheet,
  refused: Pick<Extract<SetFileResult, { ok: false }>, 'name' | 'problems' | 'problemCount'> & {
    notify?: readonly string[];
  },
  now: Date,
): EventOf<'SetRejected'> {
  // A file that can't be read may be wrong about its channels too: then the default ones hear of it.
  const { name, notify = [], problems, problemCount } = refused;
  const refusal = { run: drop.run, setId: id, name, notify, source, problemCount };
  return setRejected({ ...refusal, problems: fitProblems(problems) }, now);
}

/** Digests of the lexicons that the set names; nobody is asked where it names none. */
async function knownLexicons(
  set: ParsedSet,
  { log }: Desk,
  provider: PlanTerms['provider'],
): Promise<PlanTerms['lexicons']> {
  const names = new Set(set.items.flatMap(({ lexicons }) => lexicons));
  return names.size === 0 ? new Map() : lexiconDigests(log, provider, names);
}

/** The set as it was accepted: of the bytes that the acceptance names, whatever the file holds by now. */
async function acceptedSet(sheet: Sheet, begun: EventOf<'SetAccepted'>, desk: Desk): Promise<ParsedSet> {
  const { source, compat } = begun.data;
  const same = sheet.source.kept?.sha256 === source.sha256 && compat === desk.settings.COMPAT;
  if (same && sheet.result.ok) return sheet.result.set;
  const bytes = await desk.store.get(source.keptAs);
  const result = await desk.parse(bytes, { fileName: source.keptAs, compat });
  if (result.ok) return result.set;
  throw new BeginningUnclear(`${source.keptAs} was accepted for ${sheet.id}, and is refused by this version`);
}

async function reject(drop: Drop, begun: EventOf<'SetRejected'>, { logger }: Desk): Promise<void> {
  const { problemCount, problems } = begun.data;
  await fileAway(drop, 'rejected', (path) => writeReport(path, drop.fileName, begun));
  const places = problems.slice(0, 5).map(({ line, code }) => ({ line, code }));
  logger.warn(
    { event: 'set-rejected', setId: begun.setId, run: drop.run, file: drop.fileName, problemCount, places },
    `${drop.fileName} is refused because of ${problemCount} problem${problemCount === 1 ? '' : 's'}`,
  );
}
