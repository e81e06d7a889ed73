/** Processes a claimed file step by step; each step can be repeated after a crash without changing anything twice. */
import { plannedItems, type SoundTerms } from '@setlist/admission';
import { countOf, type EventOf, subjects } from '@setlist/contracts';
import type { EventLog, StoredEvent } from '@setlist/eventlog';
import { count, runStep, type Step } from '@setlist/runtime';
import type { Problem } from '@setlist/set-file';
import { release } from '../adapters/reservations.ts';
import {
  acceptedSet,
  BeginningUnclear,
  type CheckedDrop,
  type CheckedSet,
  checkDrop,
  knownLexicons,
} from './checked-drop.ts';
import type { DropDeps } from './drop-deps.ts';
import type { Dropped } from './dropped.ts';
import { type Beginning, judgeDrop } from './judge-drop.ts';
import { requestItems } from './request-items.ts';

/**
 * Takes a claimed file to its end: accepted, requested and in `done`, or refused and in `rejected` with its report.
 *
 *     look ─▶ keep ─▶ check ─▶ begun in the log? ── no ──▶ the door, the money ─▶ SetAccepted or SetRejected
 *                                    │ yes: the log's answer holds                      │
 *                                    └──────────────┬───────────────────────────────────┘
 *                             accepted: ItemRequested … ─▶ done/    rejected: report ─▶ rejected/
 *
 * The log decides: the first event of the set's life says what the set is, and a crash, a second replica or changed
 * settings don't alter that. A drop that is replaced before its set begins ends without one.
 * @throws the error that stopped it; the same call then continues from there
 */
export async function processDrop(dropped: Dropped, deps: DropDeps): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const [checkedDrop, before] = await deps.gate.pass(async () => {
    const checked = await checkDrop(dropped, deps);
    if (checked === undefined) return [];
    stack.use(checked);
    return [checked, await beginningOf(deps.log, checked.setId)] as const;
  });
  if (checkedDrop === undefined) return;
  // A set that is continued after a crash stays in the trace that its first event names.
  const step = { parent: before?.event.traceparent, facts: { set: checkedDrop.setId } };
  await runStep('ingest set', step, (ingesting) => processChecked(checkedDrop, before, { deps, ingesting }));
}

interface Processing {
  readonly deps: DropDeps;
  readonly ingesting: Step;
}

/** The first event of a set's life, and where the log has it. */
interface Begun extends StoredEvent {
  readonly event: Beginning;
}

async function processChecked(
  checkedDrop: CheckedDrop,
  before: Begun | undefined,
  by: Processing,
): Promise<void> {
  const { deps } = by;
  const { dropped } = checkedDrop;
  await using stack = new AsyncDisposableStack();
  const first = before ?? (await deps.gate.pass(() => begin(checkedDrop, by)));
  if (first === undefined) return await endReplaced(checkedDrop, deps);
  const { seq, event: begun } = first;
  requireOwn(begun, dropped);
  if (begun.name === 'SetRejected') return reject(dropped, begun, deps);
  const open = await acceptedSet(checkedDrop, begun, { deps, stack });
  const sounds = await soundTermsOf(begun, open, deps);
  const items = plannedItems(open.set.prefix, open.file.items(), sounds);
  await requestItems({ seq, event: begun }, items, deps, before === undefined ? 'first' : 'again');
  await dropped.accepted(begun, open.warnings);
}

/** Another file of a bucket has the same run and a set of the same name: see `dropName`. */
class RunTaken extends Error {
  override readonly name = 'RunTaken';
  readonly code = 'run-taken';
  readonly remedy = 'Upload it again: that makes it a new run.';
}

/** Only objects are compared: a folder has another address wherever it is mounted. */
function requireOwn({ setId, data }: Beginning, { uri }: Dropped): void {
  if (!uri.startsWith('s3:') || data.source.uri === uri) return;
  throw new RunTaken(`${data.source.uri}, uploaded in the same second, is ${setId} already`);
}

/**
 * With the lexicons that the set was judged with: a later edit would make other sounds, which no budget has let in.
 * Acceptances by earlier versions don't hold them.
 */
async function soundTermsOf(
  { data: { provider, lexicons } }: EventOf<'SetAccepted'>,
  { survey }: CheckedSet,
  deps: DropDeps,
): Promise<SoundTerms> {
  const judgedWith = lexicons && new Map(lexicons.map(({ name, sha256 }) => [name, sha256]));
  return { provider, lexicons: judgedWith ?? (await knownLexicons(survey, deps, provider)) };
}

/** The first event of the set's life in the log, if any. */
async function beginningOf(log: EventLog, id: string): Promise<Begun | undefined> {
  const first = await log.first(subjects.state(id));
  if (first === undefined) return undefined;
  const { seq, event } = first;
  if (event?.name === 'SetAccepted' || event?.name === 'SetRejected') return { seq, event };
  throw new BeginningUnclear(`the first event of ${id} is not an acceptance or refusal`);
}

/**
 * Undefined if the drop was replaced: its successor may be accepted already, and of two runs that write the same files
 * the one accepted last wins.
 */
async function begin(checkedDrop: CheckedDrop, { deps, ingesting }: Processing): Promise<Begun | undefined> {
  const { setId: id, dropped } = checkedDrop;
  // Also before judging, which fails for as long as nobody answers about a lexicon.
  if (await dropped.isReplaced()) return undefined;
  const decided = ingesting.mark(await judgeDrop(checkedDrop, deps));
  if (await dropped.isReplaced()) return undefined;
  // Once ingest is told to stop no set begins, so that whoever placed its file can take it back.
  const appended = await deps.log.append(decided, { lastSeq: 0 }, deps.signal);
  if (appended.kind === 'stored' && !appended.already) count('setEvents', 1, { event: decided.name });
  // Another replica may have been first, and a decision made before a crash may differ from this one.
  const begun = await beginningOf(deps.log, id);
  if (begun === undefined) throw new BeginningUnclear(`the event just written about ${id} can't be read yet`);
  const { run, fileName } = dropped;
  if (begun.event.name === 'SetAccepted') {
    const { itemCount, billedCharacters, estimatedUsd, warnings } = begun.event.data;
    const figures = { itemCount, billedCharacters, estimatedUsd, warnings };
    const places = placesOf(checkedDrop.file.checked.warnings);
    deps.logger.info(
      { event: 'set-accepted', set: id, run, file: fileName, ...figures, places },
      `${fileName} is accepted as ${id}`,
    );
  }
  return begun;
}

/** What was reserved for it, now or by an earlier try, is free again, for example for the upload that replaced it. */
async function endReplaced({ setId, dropped }: CheckedDrop, { log, logger }: DropDeps): Promise<void> {
  const { fileName, run } = dropped;
  await release(log, setId);
  logger.info(
    { event: 'set-file-replaced', file: fileName, run },
    `${fileName} was uploaded again before this upload was accepted: only the later one counts`,
  );
}

/** The places of the first few problems, without the text that they quote. */
const placesOf = (problems: readonly Pick<Problem, 'line' | 'code'>[]): Pick<Problem, 'line' | 'code'>[] =>
  problems.slice(0, 5).map(({ line, code }) => ({ line, code }));

async function reject(dropped: Dropped, begun: EventOf<'SetRejected'>, { logger }: DropDeps): Promise<void> {
  const { fileName, run } = dropped;
  const { problemCount, problems } = begun.data;
  await dropped.refused(begun);
  const places = placesOf(problems);
  logger.warn(
    { event: 'set-rejected', set: begun.setId, run, file: fileName, problemCount, places },
    `${fileName} is refused because of ${countOf(problemCount, 'problem')}`,
  );
}
