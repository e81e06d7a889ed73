/**
 * The whole audit: checks the log against itself, then everything derived from it against the log. It writes nothing
 * except snapshots, which are caches.
 */
import { countOf, isOpen } from '@setlist/contracts';
import type { EventLog, LogExtent } from '@setlist/eventlog';
import type { Shadow } from '../fold/shadow.ts';
import type { Snapshots } from '../fold/snapshots.ts';
import { EVENTS_BETWEEN_SNAPSHOTS, isWorthKeeping } from '../fold/spacing.ts';
import { type AudioPlaces, auditFiles, auditSounds } from './audio-audit.ts';
import { counting, fault, note, type Report } from './finding.ts';
import { LogAudit } from './log-audit.ts';
import { auditManifests } from './manifests-audit.ts';
import { auditProjections } from './projections-audit.ts';
import { auditSetFiles } from './set-files-audit.ts';

type AuditedLog = Pick<EventLog, 'read' | 'at' | 'first' | 'head' | 'extent' | 'sets' | 'clock'>;

export interface VerifyOptions {
  readonly log: AuditedLog;
  /** Where the audio and the manifests are; left out, they are not checked. */
  readonly places?: AudioPlaces | undefined;
  /** Whether the tracker writes manifests at all; true by default. */
  readonly manifests?: boolean;
  /** The newest is compared with the fold; missing ones are written on the way, for looks at the past. */
  readonly snapshots?: Snapshots | undefined;
  /** How many events lie between the newest snapshots. */
  readonly every?: number;
  /** Whether to check the audio's SHA-256 too, not just the number of bytes. */
  readonly deep?: boolean;
  /** Whether a system may be writing to the log meanwhile. */
  readonly live: boolean;
  readonly onFinding: Report;
  /** Called after every ten thousand events. */
  readonly onProgress?: (events: number, of: number) => void;
}

/** How much was checked, and how much was found; what could not be read counts only as `unchecked`. */
export interface Verdict {
  readonly events: number;
  readonly sets: number;
  readonly sounds: number;
  readonly files: number;
  readonly manifests: number;
  readonly generation: number;
  readonly faults: number;
  readonly notes: number;
  readonly unchecked: number;
  readonly seconds: number;
}

const BETWEEN_PROGRESS = 10_000;

/** Whatever is wrong with the log or with what is derived from it is a finding. @throws what the broker throws */
export async function verify(options: VerifyOptions): Promise<Verdict> {
  const { log, places, live, manifests: written = true } = options;
  const started = performance.now();
  const { report, found } = counting(options.onFinding);
  const extent = await log.extent();
  using audit = new LogAudit(log, extent, report);
  await readLog(options, audit, extent, report);
  await audit.finish();
  const { shadow } = audit;
  await auditProjections(log, shadow, { live, report });
  noteMissingRequests(shadow, report);
  const job = places && { log, places, deep: options.deep ?? false, report };
  const manifests =
    places && written ? await auditManifests({ log, report, live, outputAt: places.outputAt }, shadow) : 0;
  const sounds = job ? await auditSounds(job) : 0;
  const files = job ? await auditFiles(job, shadow) : 0;
  if (job) await auditSetFiles(job);
  return {
    events: audit.events,
    sets: shadow.sets.size,
    sounds,
    files,
    manifests,
    generation: extent.generation,
    faults: found.fault,
    notes: found.note,
    unchecked: found.unchecked,
    seconds: (performance.now() - started) / 1_000,
  };
}

async function readLog(
  { log, snapshots, every = EVENTS_BETWEEN_SNAPSHOTS, onProgress }: VerifyOptions,
  audit: LogAudit,
  { lastSeq, generation }: LogExtent,
  report: Report,
): Promise<void> {
  if (lastSeq === 0) return;
  const kept = new Set(await snapshots?.seqs(generation));
  // Comparing one takes as long as making it; the newest includes everything that the earlier ones hold.
  const newest = [...kept].findLast((seq) => seq <= lastSeq);
  const spacing = { every, lastSeq };
  let keeping = snapshots;
  for await (const record of log.read({})) {
    if (record.seq > lastSeq) break;
    audit.apply(record);
    const place = { record, generation };
    const agrees =
      record.seq === newest
        ? await snapshots?.agrees(audit.shadow, place)
        : kept.has(record.seq) || undefined;
    if (agrees === false) report(fault('snapshot-differs', { seq: record.seq }, OTHER_SNAPSHOT));
    if (agrees === undefined && isWorthKeeping(record.seq, spacing)) {
      await keeping?.keep(audit.shadow, place).catch((error: Error) => {
        keeping = undefined;
        report(note('snapshot-not-kept', { seq: record.seq }, error.message));
      });
    }
    if (audit.events % BETWEEN_PROGRESS === 0) onProgress?.(audit.events, lastSeq);
  }
  await snapshots?.thin(generation, spacing);
}

/** Ingest may be about to make them. In a restored log, nobody makes those that were made after the backup. */
function noteMissingRequests({ sets }: Shadow, report: Report): void {
  for (const { setId: set, summary } of sets.values()) {
    if (summary === undefined || !isOpen(summary)) continue;
    const { requested, total } = summary.counts;
    if (requested >= total) continue;
    report(note('requests-missing', { set }, `${requested} of its ${countOf(total, 'item')} are requested`));
  }
}

const OTHER_SNAPSHOT = "a kept snapshot doesn't match what the log gives";
