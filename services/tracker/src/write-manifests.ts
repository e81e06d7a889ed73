/** Lays the manifest of every set that has ended beside its audio: a side effect of live events, never of the fold. */
import { MANIFESTS_DURABLE, setOfSubject, subjects } from '@setlist/contracts';
import { acceptanceOf, type Handout, type Recorded } from '@setlist/eventlog';
import { backoffDelayMs, messageOf, remedyOf, runStep, settlesWithin, sleep } from '@setlist/runtime';
import { manifestInLog, nextLookMs } from '@setlist/sets';
import { type LayOptions, layManifest } from './lay-manifest.ts';
import { Lines } from './lines.ts';

/** A tracker that dies leaves what it was writing to another one after so long. */
const ACK_WAIT_MS = 15_000;
/** A store that is away is tried for ever, at least every ten minutes. */
const RETRY = { baseMs: 1_000, capMs: 600_000 };
/** How long a stop waits for manifests that are due: a set that has just ended has its own when `setlist run` ends. */
const PATIENCE_MS = 1_500;
/** So many wait here for the store of one output; more are given back, and come again by themselves, soon. */
const IN_LINE = 128;
const LINE_IS_FULL = { baseMs: 500, capMs: 10_000 };
/** Of all outputs together. */
const IN_HAND = 512;
/** While trackers are changed over one by one a newer one may come soon; so long one is waited for. */
const NEWER_COMES_WITHIN_MS = 86_400_000;
const LOOK_EVERY_MS = 20;

/**
 * Writes until aborted, and then what is due by then, for a moment. The trackers share one durable consumer on the sets'
 * lives, which is what remembers across restarts which manifests are still to be written: a set that ended while no
 * tracker ran, or just before one was killed, gets its manifest at the next start.
 */
export async function writeManifests(options: LayOptions, signal: AbortSignal): Promise<void> {
  const { log } = options;
  const lives = {
    durable: MANIFESTS_DURABLE,
    subjects: [subjects.state('*')],
    ackWaitMs: ACK_WAIT_MS,
    from: () => new Date(0),
  };
  const ending = new AbortController();
  const room: Room = { lines: new Lines(IN_LINE), later: new Map() };
  const inHand = new Set<Promise<void>>();
  let takenSeq = 0;
  const finish = async (): Promise<void> => {
    const dueSeq = (await log.last(subjects.state('*')))?.seq ?? 0;
    const areUnderWay = (): boolean => inHand.size > 0 && !ending.signal.aborted;
    while ((takenSeq < dueSeq && !ending.signal.aborted) || areUnderWay()) await sleep(LOOK_EVERY_MS);
    for (const cancelled of room.later.values()) {
      // What fails is looked at by the next tracker.
      const written = onceMore(options, cancelled, room, ending.signal)
        .catch(() => undefined)
        .finally(() => inHand.delete(written));
      inHand.add(written);
    }
    while (areUnderWay()) await sleep(LOOK_EVERY_MS);
  };
  const end = (): void =>
    void settlesWithin(PATIENCE_MS, finish())
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
  readonly lines: Lines;
  /** Cancelled sets that are to be looked at again, by their ids: what has ended since is written before the tracker ends. */
  readonly later: Map<string, Cancelled>;
}

interface Cancelled {
  readonly record: Recorded;
  /** What the log's last word of the set was when its manifest was made. */
  readonly seenSeq: number;
}

/** A record of which a tracker that died over its manifest may have had the same. */
type Known = Cancelled & { readonly comesAgain?: boolean | undefined };

/**
 * Each output has a line of its own, and so have sets whose beginning can't be read here: a store that doesn't answer
 * holds up those that go there, and no others.
 */
async function onSetEnded(
  options: LayOptions,
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
    let seenSeq = 0;
    const written = lines.join(output, async () => {
      seenSeq = await writeSince(options, known, signal);
    });
    if (written === undefined) return handout.giveBack(backoffDelayMs(handout.deliveries, LINE_IS_FULL));
    await written;
    const ageMs = options.log.clock.now() - handout.record.time.getTime();
    const againMs = event.name === 'SetCancelled' ? nextLookMs(ageMs) : undefined;
    later.delete(setId);
    // The last look may have been another tracker's.
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
    options.logger.warn(entry, `The manifest can't be written yet, and is tried again: ${messageOf(error)}`);
    handout.giveBack(delayMs);
  } finally {
    clearInterval(heartbeat);
  }
}

const isOfNewer = ({ problem }: Recorded): boolean => problem?.code === 'unknown-type';

/** What a newer version said is for a newer tracker, which shares the durable consumer and knows what to make of it. */
function leaveToNewer(handout: Handout, { log, logger }: LayOptions): void {
  const { seq, subject, time } = handout.record;
  if (log.clock.now() - time.getTime() <= NEWER_COMES_WITHIN_MS) {
    handout.giveBack(backoffDelayMs(handout.deliveries, RETRY));
    return;
  }
  const entry = { event: 'manifest-left', set: setOfSubject(subject), seq };
  logger.warn(
    entry,
    'A newer version ended or accepted this set, and no tracker of it came: it gets no manifest.',
  );
  handout.done();
}

async function onceMore(
  options: LayOptions,
  cancelled: Cancelled,
  { lines }: Room,
  signal: AbortSignal,
): Promise<void> {
  const accepted = await acceptanceOf(options.log, setOfSubject(cancelled.record.subject));
  await lines.join(
    accepted?.data.output ?? '',
    async () => void (await writeSince(options, cancelled, signal)),
  );
}

/** Writes nothing where the log has said nothing of the set since. @returns what its last word was before */
async function writeSince(
  options: LayOptions,
  { record, seenSeq, comesAgain }: Known,
  signal: AbortSignal,
): Promise<number> {
  const lastSeq = (await options.log.last(subjects.ofSet(setOfSubject(record.subject))))?.seq ?? 0;
  if (lastSeq === 0 || lastSeq !== seenSeq) await writeManifest(options, { record, comesAgain }, signal);
  return lastSeq;
}

async function writeManifest(
  options: LayOptions,
  { record: { event, seq, subject }, comesAgain }: Pick<Known, 'record' | 'comesAgain'>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const setId = setOfSubject(subject);
  // A completion is the last word of its round; what was in flight when a set was cancelled comes after it.
  const upTo = event?.name === 'SetCompleted' ? { upToSeq: seq } : {};
  const manifest = await manifestInLog(options.log, setId, { ...upTo, signal });
  if (manifest === undefined) return;
  const place = { parent: event?.traceparent, facts: { set: setId } };
  await runStep('write manifest', place, () => layManifest(options, manifest, comesAgain));
}
