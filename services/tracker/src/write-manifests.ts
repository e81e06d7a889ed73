/** Writes the manifest of every set that has ended next to its audio, triggered by live events, never by the fold. */
import { MANIFESTS_DURABLE, setOfSubject, subjects } from '@setlist/contracts';
import { acceptanceOf, type Handout, type Recorded } from '@setlist/eventlog';
import { backoffDelayMs, messageOf, remedyOf, runStep, Slots, settlesWithin, sleep } from '@setlist/runtime';
import { manifestInLog, nextLookMs } from '@setlist/sets';
import { type PlaceManifestOptions, placeManifest } from './place-manifest.ts';

/** After how long another tracker takes over the manifest that a dead one was writing. */
const ACK_WAIT_MS = 15_000;
/** The back-off for a store that is unavailable: retried forever, at least every ten minutes. */
const RETRY = { baseMs: 1_000, capMs: 600_000 };
/** How many manifests can wait here for one output's store; more are given back, and soon redelivered. */
const IN_LINE = 128;
const LINE_IS_FULL = { baseMs: 500, capMs: 10_000 };
/** How many manifests can be in progress for all outputs together. */
const IN_HAND = 512;
/** How long to wait for a newer tracker, in ms: during a rolling upgrade one may start soon. */
const NEWER_COMES_WITHIN_MS = 86_400_000;
const LOOK_EVERY_MS = 20;

export interface WriteOptions extends PlaceManifestOptions {
  /** How long a stop waits for manifests that are due, in ms, so that a set's is there when `setlist run` ends. */
  readonly stopWithinMs: number;
}

/**
 * Writes until aborted, and then for at most `stopWithinMs` what is due by then. The trackers share one durable
 * consumer on the sets' lives, which remembers across restarts which manifests are still to be written: a set that
 * ended while no tracker ran, or just before one was killed, gets its manifest at the next start.
 */
export async function writeManifests(options: WriteOptions, signal: AbortSignal): Promise<void> {
  const { log } = options;
  const lives = {
    durable: MANIFESTS_DURABLE,
    subjects: [subjects.state('*')],
    ackWaitMs: ACK_WAIT_MS,
    from: () => new Date(0),
  };
  const ending = new AbortController();
  const room: Room = { lines: new Map(), later: new Map() };
  const inHand = new Set<Promise<void>>();
  let takenSeq = 0;
  const finish = async (): Promise<void> => {
    const dueSeq = (await log.last(subjects.state('*')))?.seq ?? 0;
    // Another tracker may have taken what is due, now or before this one was started. If it has died since, its record
    // comes again only after a while: this stop doesn't wait for that, and a tracker that runs then writes the manifest.
    // A cancelled set is unfinished for a day: to wait for all that is would use up `stopWithinMs` at each stop.
    const isTaken = async (): Promise<boolean> =>
      takenSeq >= dueSeq || ((await log.handedOutUpTo(MANIFESTS_DURABLE)) ?? 0) >= dueSeq;
    while (!ending.signal.aborted && !(await isTaken())) await sleep(LOOK_EVERY_MS);
    const areUnderWay = (): boolean => inHand.size > 0 && !ending.signal.aborted;
    // What has just been handed out to this tracker is in hand after a turn of the event loop.
    do await sleep(LOOK_EVERY_MS);
    while (areUnderWay());
    for (const cancelled of room.later.values()) {
      // The next tracker retries what fails.
      const written = onceMore(options, cancelled, room, ending.signal)
        .catch(() => undefined)
        .finally(() => inHand.delete(written));
      inHand.add(written);
    }
    while (areUnderWay()) await sleep(LOOK_EVERY_MS);
  };
  const end = (): void =>
    void settlesWithin(options.stopWithinMs, finish())
      .catch(() => undefined)
      .then(() => ending.abort());
  if (signal.aborted) return;
  signal.addEventListener('abort', end, { once: true });
  const failures: unknown[] = [];
  for await (const handout of log.durable(lives, ending.signal)) {
    const handled = onSetEnded(options, handout, room, ending.signal)
      .catch((error: unknown) => {
        failures.push(error);
        ending.abort();
      })
      .finally(() => inHand.delete(handled));
    inHand.add(handled);
    takenSeq = Math.max(takenSeq, handout.record.seq);
    if (inHand.size >= IN_HAND) await Promise.race(inHand);
  }
  await Promise.all(inHand);
  if (failures.length > 0) throw failures[0];
}

interface Room {
  /** By output. Outputs are few, so none is removed. */
  readonly lines: Map<string, Slots>;
  /** Cancelled sets to check again, by id: outcomes that arrive later are written before the tracker stops. */
  readonly later: Map<string, Cancelled>;
}

interface Cancelled {
  readonly record: Recorded;
  /** Sequence of the set's last event when its manifest was made. */
  readonly seenSeq: number;
}

/** A record that another tracker may have received before, and died while writing its manifest. */
type Known = Cancelled & { readonly comesAgain?: boolean | undefined };

/**
 * Each output has its own line, and sets whose acceptance can't be read here share one: a store that doesn't answer
 * holds up only the manifests that go there.
 */
async function onSetEnded(
  options: PlaceManifestOptions,
  handout: Handout,
  { lines, later }: Room,
  signal: AbortSignal,
): Promise<void> {
  const { event, subject } = handout.record;
  if (isOfNewer(handout.record)) return leaveToNewer(handout, options);
  if (event?.name !== 'SetCompleted' && event?.name !== 'SetCancelled') return handout.done();
  const setId = setOfSubject(subject);
  const heartbeat = setInterval(() => handout.alive(), ACK_WAIT_MS / 3);
  try {
    const first = await options.log.first(subjects.state(setId));
    if (first && isOfNewer(first)) return leaveToNewer(handout, options);
    const output = first?.event?.name === 'SetAccepted' ? first.event.data.output : '';
    const seen = later.get(setId)?.seenSeq ?? 0;
    const known = { record: handout.record, seenSeq: seen, comesAgain: handout.deliveries > 1 };
    const line = lineTo(output, lines);
    if (line.waiting >= IN_LINE) return handout.giveBack(backoffDelayMs(handout.deliveries, LINE_IS_FULL));
    using _turn = await line.take();
    const seenSeq = await writeSince(options, known, signal);
    const ageMs = options.log.clock.now() - handout.record.time.getTime();
    const againMs = event.name === 'SetCancelled' ? nextLookMs(ageMs) : undefined;
    later.delete(setId);
    // Another tracker may have done the last check of these.
    for (const [id, { record }] of later)
      if (nextLookMs(options.log.clock.now() - record.time.getTime()) === undefined) later.delete(id);
    if (againMs === undefined) return handout.done();
    later.set(setId, { record: handout.record, seenSeq });
    handout.giveBack(againMs);
  } catch (error) {
    if (signal.aborted) return handout.giveBack();
    const delayMs = backoffDelayMs(handout.deliveries, RETRY);
    const entry = {
      event: 'manifest-waits',
      set: setId,
      tries: handout.deliveries,
      delayMs,
      remedy: remedyOf(error),
      err: error,
    };
    options.logger.warn(entry, `The manifest can't be written yet, and is retried: ${messageOf(error)}`);
    handout.giveBack(delayMs);
  } finally {
    clearInterval(heartbeat);
  }
}

const isOfNewer = ({ problem }: Recorded): boolean => problem?.code === 'unknown-type';

/** Leaves a newer version's event to a newer tracker, which shares the durable consumer and can read it. */
function leaveToNewer(handout: Handout, { log, logger }: PlaceManifestOptions): void {
  const { seq, subject, time } = handout.record;
  if (log.clock.now() - time.getTime() <= NEWER_COMES_WITHIN_MS) {
    handout.giveBack(backoffDelayMs(handout.deliveries, RETRY));
    return;
  }
  const entry = { event: 'manifest-left', set: setOfSubject(subject), seq };
  logger.warn(
    entry,
    'A newer version ended or accepted this set, and no tracker of that version started: it gets no manifest.',
  );
  handout.done();
}

async function onceMore(
  options: PlaceManifestOptions,
  cancelled: Cancelled,
  { lines }: Room,
  signal: AbortSignal,
): Promise<void> {
  const accepted = await acceptanceOf(options.log, setOfSubject(cancelled.record.subject));
  using _turn = await lineTo(accepted?.data.output ?? '', lines).take();
  await writeSince(options, cancelled, signal);
}

function lineTo(output: string, lines: Room['lines']): Slots {
  const line = lines.get(output) ?? new Slots(1);
  lines.set(output, line);
  return line;
}

/** Writes nothing if the set has no events since `seenSeq`. @returns the sequence of its last event before writing */
async function writeSince(
  options: PlaceManifestOptions,
  { record, seenSeq, comesAgain }: Known,
  signal: AbortSignal,
): Promise<number> {
  const lastSeq = (await options.log.last(subjects.ofSet(setOfSubject(record.subject))))?.seq ?? 0;
  if (lastSeq === 0 || lastSeq !== seenSeq) await writeManifest(options, { record, comesAgain }, signal);
  return lastSeq;
}

async function writeManifest(
  options: PlaceManifestOptions,
  { record: { event, seq, subject }, comesAgain }: Pick<Known, 'record' | 'comesAgain'>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const setId = setOfSubject(subject);
  // A completion is the last event of its round; outcomes in flight when a set was cancelled come after that.
  const upTo = event?.name === 'SetCompleted' ? { upToSeq: seq } : {};
  const manifest = await manifestInLog(options.log, setId, { ...upTo, signal });
  if (manifest === undefined) return;
  const place = { parent: event?.traceparent, facts: { set: setId } };
  await runStep('write manifest', place, () => placeManifest(options, manifest, comesAgain));
}
