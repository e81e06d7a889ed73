/** The manifests beside the audio, held against what the log makes of each set that has ended. */
import { createHash, type Hash } from 'node:crypto';
import {
  type EventOf,
  type ManifestHeader,
  manifestKeys,
  type SetSummary,
  subjects,
} from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type ObjectStore, StoreError } from '@setlist/storage';
import { manifestInLog, manifestJson, readManifestHeader } from '@setlist/tracker';
import type { Shadow } from '../fold/shadow.ts';
import { fault, note, type Report } from './finding.ts';

type Log = Pick<EventLog, 'read' | 'first'>;

export interface ManifestsJob {
  readonly log: Log;
  readonly outputAt: (uri: string) => ObjectStore;
  readonly report: Report;
  /** Whether a tracker may be about to write: what is not there yet is then no fault. */
  readonly live: boolean;
}

/** How many manifests were compared. */
export async function auditManifests(job: ManifestsJob, shadow: Shadow): Promise<number> {
  const newestFirst = [...shadow.sets.values()]
    .flatMap(({ summary }) => summary ?? [])
    .sort((a, b) => b.acceptedAt.localeCompare(a.acceptedAt) || b.setId.localeCompare(a.setId));
  const taken = new Set<string>();
  let compared = 0;
  for (const summary of newestFirst) {
    const accepted = await acceptanceOf(job.log, summary);
    if (accepted === undefined) continue;
    const { output, prefix } = accepted.data;
    const place = `${output} ${prefix}`;
    // Of several runs under one prefix the manifest is the newest's that has ended.
    if (taken.has(place) || !hasManifest(summary)) continue;
    taken.add(place);
    compared++;
    await auditManifest(job, summary.setId, accepted);
  }
  return compared;
}

const hasManifest = ({ state }: SetSummary): boolean => state === 'completed' || state === 'cancelled';

async function acceptanceOf(
  log: Log,
  { setId, state }: SetSummary,
): Promise<EventOf<'SetAccepted'> | undefined> {
  if (state === 'rejected') return undefined;
  const first = (await log.first(subjects.state(setId)))?.event;
  return first?.name === 'SetAccepted' ? first : undefined;
}

async function auditManifest(
  { log, outputAt, report, live }: ManifestsJob,
  setId: string,
  { data }: EventOf<'SetAccepted'>,
): Promise<void> {
  const key = manifestKeys(data.prefix).json;
  const store = outputAt(data.output);
  const where = { set: setId, file: store.locate(key) };
  try {
    const standing = await standingAt(store, key);
    const newest = await manifestInLog(log, setId);
    if (newest === undefined) return;
    if (standing === 'none') {
      if (!live) report(fault('manifest-missing', where, `${where.file} is not there`));
      return;
    }
    const known = standing.header;
    if (known?.setId !== undefined && known.setId !== setId) {
      const what = `${where.file} is of the set ${known.setId}, and the newest that ended here is ${setId}`;
      report(fault('manifest-differs', where, what));
      return;
    }
    // A cancelled set's manifest is written again when what was in flight has ended; until then it is an earlier one.
    const upToSeq = known?.generatedFromSeq ?? Number.POSITIVE_INFINITY;
    const same =
      upToSeq === newest.header.generatedFromSeq ? newest : await manifestInLog(log, setId, { upToSeq });
    if (same === undefined || (await digestOf(manifestJson(same.header, same.items()))) !== standing.digest) {
      report(fault('manifest-differs', where, `${where.file} is not what the log makes of the set`));
    } else if (same !== newest && !live) {
      const what = `${where.file} knows the log up to ${upToSeq}, and the set went on to ${newest.header.generatedFromSeq}`;
      report(fault('manifest-differs', where, what));
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    report(note('store-unreachable', where, error.message));
  }
}

interface Standing {
  readonly header: ManifestHeader | undefined;
  readonly digest: string;
}

/** The manifest as it lies there: its header, and the digest of all of it. */
async function standingAt(store: ObjectStore, key: string): Promise<Standing | 'none'> {
  if ((await store.head(key)) === undefined) return 'none';
  const header = await readManifestHeader(store.read(key));
  return { header, digest: await digestOf(store.read(key)) };
}

async function digestOf(pieces: AsyncIterable<string | Uint8Array>): Promise<string> {
  const hash: Hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
