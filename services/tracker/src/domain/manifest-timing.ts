/** Which of two manifests for the same place is newer. */
import type { ManifestHeader } from '@setlist/contracts';

/** What decides which of two manifests is newer. */
export type Told = Pick<ManifestHeader, 'setId' | 'acceptedAt' | 'acceptedSeq' | 'generatedFromSeq'>;

/**
 * Whether a manifest replaces the one that is there. Of one run the later manifest wins; of two runs under one prefix,
 * that of the run accepted last, as with their files. If both runs are in the log, their order there decides, whatever
 * the broker's clock did; otherwise their times do, since the other may be from an abandoned log.
 */
export function isNewer(one: Told, standing: Told, areInOneLog: boolean): boolean {
  if (one.setId === standing.setId) return one.generatedFromSeq > standing.generatedFromSeq;
  if (areInOneLog || one.acceptedAt === standing.acceptedAt) return one.acceptedSeq > standing.acceptedSeq;
  return one.acceptedAt > standing.acceptedAt;
}
