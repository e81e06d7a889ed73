/** Rebuilds what follows from the log alone: projections, manifests and snapshots. It never touches events or audio. */
import type { EventLog } from '@setlist/eventlog';
import { putManifest, rebuildProjections } from '@setlist/sets';
import type { ObjectStore } from '@setlist/storage';
import type { Snapshots } from './fold/snapshots.ts';
import { dueManifest } from './verify/due-manifest.ts';
import type { FaultCode, Finding } from './verify/finding.ts';

export interface RepairOptions {
  /** Nothing else may be writing to the log. */
  readonly log: EventLog;
  readonly snapshots?: Snapshots | undefined;
  /** The store that a set's acceptance names; left out, manifests are left as they are. */
  readonly outputAt?: ((uri: string) => ObjectStore) | undefined;
}

/** What was rebuilt. */
export interface Repaired {
  readonly projections: boolean;
  /** Whether all projections, and the manifests of some sets, were left alone because they contradict the log. */
  readonly contradicted: boolean;
  readonly manifests: number;
  /** How many were deleted; the next look at the log makes new ones. */
  readonly snapshots: number;
}

const PROJECTIONS: ReadonlySet<string> = new Set<FaultCode>([
  'projection-missing',
  'projection-differs',
  'projection-behind',
  'projection-ahead',
  'projection-orphaned',
]);

/** Whether {@link repair} has to know of the finding. */
export const concernsRepair = ({ code }: Finding): boolean =>
  PROJECTIONS.has(code) ||
  code === 'projection-contradicts' ||
  code === 'snapshot-differs' ||
  code.startsWith('manifest-');

/**
 * Repairs the findings that can be repaired from the log; another `verify` shows the rest. Where a projection was made
 * of other events than the log has at the same places, it may be all that is left of them, so nothing is overwritten.
 */
export async function repair(findings: readonly Finding[], options: RepairOptions): Promise<Repaired> {
  const { log, snapshots, outputAt } = options;
  const contradicted = new Set(
    findings.flatMap(({ code, where }) => (code === 'projection-contradicts' ? (where.set ?? []) : [])),
  );
  const projections = contradicted.size === 0 && findings.some(({ code }) => PROJECTIONS.has(code));
  if (projections) await rebuildProjections(log);
  const sets = new Set<string>();
  for (const { code, where } of findings) {
    if (code.startsWith('manifest-') && where.set && !contradicted.has(where.set)) sets.add(where.set);
  }
  // Only the newest is compared; the earlier ones were made by the same fold.
  const differ = findings.some(({ code }) => code === 'snapshot-differs');
  const deleted = differ ? ((await snapshots?.clear()) ?? 0) : 0;
  if (outputAt) for (const setId of sets) await writeManifest(log, setId, outputAt);
  const manifests = outputAt ? sets.size : 0;
  return { projections, contradicted: contradicted.size > 0, manifests, snapshots: deleted };
}

async function writeManifest(
  log: EventLog,
  setId: string,
  outputAt: (uri: string) => ObjectStore,
): Promise<void> {
  const manifest = await dueManifest(log, setId);
  if (manifest) await putManifest(outputAt(manifest.header.output), manifest);
}
