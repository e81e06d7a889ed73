/** Writes one manifest to its place, where another tracker may be writing another run's manifest at the same time. */
import { hash } from 'node:crypto';
import { type ManifestHeader, manifestKeys, manifestPlaceKey, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import {
  type LoggedManifest,
  manifestCsv,
  manifestInLog,
  putManifest,
  readManifestHeader,
} from '@setlist/sets';
import { ifThere, type ObjectStore, sha256OfPieces } from '@setlist/storage';
import { isNewer, type Told } from './domain/manifest-timing.ts';

export interface PlaceManifestOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  /** The store that a set's acceptance names; throws a `StoreError` if there is no such store. */
  readonly storeAt: (uri: string) => ObjectStore;
}

/**
 * Writes the manifest, unless a newer one is already there. Another tracker may write a newer one meanwhile: so each
 * announces beforehand what it writes, and afterwards writes any newer one announced since. In the end the newest is
 * there, whichever tracker wrote last.
 * @param comesAgain whether a tracker may have died while writing it before
 */
export async function placeManifest(
  { log, storeAt, logger }: PlaceManifestOptions,
  manifest: LoggedManifest,
  comesAgain = false,
): Promise<void> {
  const { header } = manifest;
  const store = storeAt(header.output);
  const standing = await headerAt(store, manifestKeys(header.prefix).json);
  const isPlaced =
    standing && !(await holds(log, header, standing)) && (await isOfThisLog(log, standing, header));
  // The tracker that wrote what is there may have died before it looked for newer announcements.
  let next = isPlaced ? await overtaking(log, header, standing) : manifest;
  if (isPlaced && comesAgain) next ??= await ofOtherRun({ log, store }, header, standing);
  for (; next; next = await overtaking(log, header, next.header)) {
    await announce(log, next.header);
    const location = await putManifest(store, next);
    const { setId, generatedFromSeq } = next.header;
    const entry = { event: 'manifest-written', set: setId, location, generatedFromSeq };
    logger.info(entry, `manifest written to ${location}`);
  }
}

/** Whether a manifest is newer than the one at its place. */
async function holds(log: EventLog, one: Told, standing: Told): Promise<boolean> {
  const areInOneLog = (await isInLog(log, one)) && (await isInLog(log, standing));
  return isNewer(one, standing, areInOneLog);
}

async function isInLog(log: EventLog, { setId, acceptedAt, acceptedSeq }: Told): Promise<boolean> {
  const first = await log.first(subjects.state(setId));
  return first?.seq === acceptedSeq && first.time.toISOString() === acceptedAt;
}

const keyOf = ({ output, prefix }: ManifestHeader): string =>
  manifestPlaceKey(hash('sha256', JSON.stringify([output, prefix])));

/** Announces a manifest, unless a newer one is announced: that one is then found after the writing. */
async function announce(log: EventLog, header: ManifestHeader): Promise<void> {
  const { setId, acceptedAt, acceptedSeq, generatedFromSeq } = header;
  const told: Told = { setId, acceptedAt, acceptedSeq, generatedFromSeq };
  for (let isSaid = false; !isSaid; ) {
    const there = await log.requests.get<Told>(keyOf(header));
    if (there && (await holds(log, there.value, header))) return;
    isSaid = (await log.requests.replace(keyOf(header), told, there?.revision ?? 0)) !== undefined;
  }
}

/**
 * The manifest announced for a place, if it is newer than what is there and from this log; otherwise undefined.
 * @param place the header of any manifest that belongs there
 */
async function overtaking(
  log: EventLog,
  place: ManifestHeader,
  standing: Told,
): Promise<LoggedManifest | undefined> {
  const told = (await log.requests.get<Told>(keyOf(place)))?.value;
  if (told === undefined || !(await holds(log, told, standing))) return undefined;
  return madeAgain(log, place, told);
}

/** The manifest there, if it is another run's and its CSV is wrong: a dead tracker may have written this run's CSV. */
async function ofOtherRun(
  { log, store }: { log: EventLog; store: ObjectStore },
  place: ManifestHeader,
  standing: ManifestHeader,
): Promise<LoggedManifest | undefined> {
  if (standing.setId === place.setId) return undefined;
  const again = await madeAgain(log, place, standing);
  if (again?.header.chain.head !== standing.chain.head) return undefined;
  const csv = await ifThere(sha256OfPieces(store.read(manifestKeys(place.prefix).csv)));
  return csv === (await sha256OfPieces(manifestCsv(again.items()))) ? undefined : again;
}

/** Rebuilds a manifest for a place from the log; undefined if the log doesn't yield it. */
async function madeAgain(
  log: EventLog,
  place: ManifestHeader,
  { setId, generatedFromSeq: upToSeq }: Told,
): Promise<LoggedManifest | undefined> {
  const made = await manifestInLog(log, setId, { upToSeq });
  return made?.header.generatedFromSeq === upToSeq && keyOf(made.header) === keyOf(place) ? made : undefined;
}

/**
 * Whether the log yields the set's manifest that is there. It doesn't after an older backup was restored: the set then
 * continued differently from a lower sequence. For another run this is assumed.
 */
async function isOfThisLog(
  log: EventLog,
  { setId, generatedFromSeq: upToSeq, chain }: ManifestHeader,
  made: ManifestHeader,
): Promise<boolean> {
  if (setId !== made.setId) return true;
  const again =
    upToSeq === made.generatedFromSeq ? made : (await manifestInLog(log, setId, { upToSeq }))?.header;
  return again?.generatedFromSeq === upToSeq && again.chain.head === chain.head;
}

const headerAt = (store: ObjectStore, key: string): Promise<ManifestHeader | undefined> =>
  ifThere(readManifestHeader(store.read(key)));
