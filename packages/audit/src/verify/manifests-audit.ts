/** Checks the manifests beside the audio against the log, for each set that has ended at least once. */
import {
  type EventOf,
  hasManifest,
  type ManifestHeader,
  manifestKeys,
  setOfSubject,
} from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import {
  type LoggedManifest,
  manifestCsv,
  manifestInLog,
  manifestJson,
  nextLookMs,
  readManifestHeader,
} from '@setlist/sets';
import { type ObjectStore, StoreError, sha256OfPieces } from '@setlist/storage';
import type { Shadow } from '../fold/shadow.ts';
import { dueManifest } from './due-manifest.ts';
import { type Finding, fault, type Report, unchecked, type Where } from './finding.ts';

type Log = Pick<EventLog, 'read' | 'first' | 'at' | 'clock'>;

export interface ManifestsJob {
  readonly log: Log;
  readonly outputAt: (uri: string) => ObjectStore;
  readonly report: Report;
  /** Whether a tracker may be at work: a missing manifest is then not a fault for {@link MAY_TAKE_MS}. */
  readonly live: boolean;
}

interface Job extends ManifestsJob {
  /** Sequence of the last event that the shadow knows. */
  readonly knownSeq: number;
}

/** How long, in ms, writing a manifest can take once it is due. */
const MAY_TAKE_MS = 300_000;

/** @returns how many manifests were compared */
export async function auditManifests(job: ManifestsJob, shadow: Shadow): Promise<number> {
  const summaries = shadow.newestFirst().flatMap(({ summary }) => summary ?? []);
  const taken = new Set<string>();
  let compared = 0;
  for (const summary of summaries) {
    const accepted = summary.state === 'rejected' ? undefined : await acceptanceOf(job.log, summary.setId);
    if (accepted === undefined) continue;
    const { output, prefix } = accepted.data;
    const place = `${output} ${prefix}`;
    // Where several runs share a prefix, the manifest is that of the newest run that has ended.
    if (taken.has(place) || !hasManifest(summary)) continue;
    taken.add(place);
    const found = await auditManifest({ ...job, knownSeq: shadow.position }, summary.setId, accepted);
    if (found?.level !== 'unchecked') compared++;
    if (found) job.report(found);
  }
  return compared;
}

/** What is wrong with a set's manifest, or why it is not known. */
async function auditManifest(
  job: Job,
  setId: string,
  { data }: EventOf<'SetAccepted'>,
): Promise<Finding | undefined> {
  const keys = manifestKeys(data.prefix);
  const store = job.outputAt(data.output);
  const whereOf = (key: string): FileAt => ({ set: setId, file: store.locate(key) });
  const where = { json: whereOf(keys.json), csv: whereOf(keys.csv) };
  try {
    // The tracker writes the CSV first: read second, it is never older than the JSON.
    const json = await standingAt(store, keys.json);
    const csv = await digestAt(store, keys.csv);
    const newest = await dueManifest(job.log, setId);
    if (newest === undefined) return undefined;
    const mayCome = await mayStillCome(job, newest.header);
    return (
      (await jsonFault(job, where.json, { standing: json, newest, mayCome })) ??
      // While the JSON is still that of an earlier event, the CSV is being written.
      (isOf(json, newest) ? await csvFault(where.csv, { digest: csv, newest, mayCome }) : undefined)
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return unchecked('store-unreachable', where.json, error.message);
  }
}

type FileAt = Where & { readonly set: string; readonly file: string };

/** Whether a missing manifest may still be about to be written, by the broker's clock. */
async function mayStillCome(
  { live, log }: Job,
  { state, endedAt, generatedFromSeq }: ManifestHeader,
): Promise<boolean> {
  const last = live ? await log.at(generatedFromSeq) : undefined;
  if (last === undefined) return false;
  const lastMs = last.time.getTime();
  // Items that end after their set was cancelled get into the manifest at the tracker's next look at the set.
  const dueInMs = state === 'cancelled' ? (nextLookMs(lastMs - Date.parse(endedAt)) ?? 0) : 0;
  return log.clock.now() - lastMs < dueInMs + MAY_TAKE_MS;
}

/** Whether the manifest is that of a run that has ended since the shadow was folded. */
async function endedSince(
  { live, log, knownSeq }: Job,
  { setId, generatedFromSeq }: ManifestHeader,
): Promise<boolean> {
  const last = live && generatedFromSeq > knownSeq ? await log.at(generatedFromSeq) : undefined;
  return last !== undefined && setOfSubject(last.subject) === setId;
}

/** The manifest that the log calls for, and whether it may still be about to be written. */
interface Due {
  readonly newest: LoggedManifest;
  readonly mayCome: boolean;
}

async function jsonFault(
  job: Job,
  where: FileAt,
  { standing, newest, mayCome }: Due & { readonly standing: Standing | undefined },
): Promise<Finding | undefined> {
  if (standing === undefined) return mayCome ? undefined : missing(where);
  const { set: setId, file } = where;
  const known = standing.header;
  if (known?.setId !== undefined && known.setId !== setId) {
    if (mayCome || (await endedSince(job, known))) return undefined;
    const what = `${file} belongs to the set ${known.setId}; the newest set that ended here is ${setId}`;
    return fault('manifest-differs', where, what);
  }
  // A cancelled set's manifest is rewritten when the items in flight have ended; until then it is an earlier one.
  const upToSeq = known?.generatedFromSeq ?? Number.POSITIVE_INFINITY;
  const same = isOf(standing, newest) ? newest : await manifestInLog(job.log, setId, { upToSeq });
  if (
    same === undefined ||
    (await sha256OfPieces(manifestJson(same.header, same.items()))) !== standing.digest
  )
    return differs(where);
  if (same === newest || mayCome) return undefined;
  const what = `${file} covers the log up to event ${upToSeq}; it should cover it up to ${newest.header.generatedFromSeq}`;
  return fault('manifest-differs', where, what);
}

async function csvFault(
  where: FileAt,
  { digest, newest, mayCome }: Due & { readonly digest: string | undefined },
): Promise<Finding | undefined> {
  if (digest === undefined) return mayCome ? undefined : missing(where);
  return (await sha256OfPieces(manifestCsv(newest.items()))) === digest ? undefined : differs(where);
}

const isOf = (standing: Standing | undefined, { header }: LoggedManifest): boolean =>
  standing?.header?.generatedFromSeq === header.generatedFromSeq;

const missing = (where: FileAt): Finding => fault('manifest-missing', where, `${where.file} is not there`);
const differs = (where: FileAt): Finding =>
  fault('manifest-differs', where, `${where.file} doesn't match what the log gives for the set`);

interface Standing {
  readonly header: ManifestHeader | undefined;
  readonly digest: string;
}

/** The stored manifest: its header, and the SHA-256 of the whole file in hex. */
async function standingAt(store: ObjectStore, key: string): Promise<Standing | undefined> {
  if ((await store.head(key)) === undefined) return undefined;
  const header = await readManifestHeader(store.read(key));
  return { header, digest: await sha256OfPieces(store.read(key)) };
}

const digestAt = async (store: ObjectStore, key: string): Promise<string | undefined> =>
  (await store.head(key)) === undefined ? undefined : sha256OfPieces(store.read(key));
