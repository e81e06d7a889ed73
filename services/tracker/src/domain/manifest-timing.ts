/** Which of two manifests for one place holds. */
import type { ManifestHeader } from '@setlist/contracts';

/** What tells which of two manifests holds. */
export type Told = Pick<ManifestHeader, 'setId' | 'acceptedAt' | 'acceptedSeq' | 'generatedFromSeq'>;

/**
 * Whether a manifest takes the place of the one that stands there. Of one run the later manifest holds; of two runs under
 * one prefix that of the run accepted last, as with their files. Of two runs that are both in the log their order there
 * tells which that is, whatever the broker's clock did; else times do, since the other may be of a log that was given up.
 */
export function isNewer(one: Told, standing: Told, areInOneLog: boolean): boolean {
  if (one.setId === standing.setId) return one.generatedFromSeq > standing.generatedFromSeq;
  if (areInOneLog || one.acceptedAt === standing.acceptedAt) return one.acceptedSeq > standing.acceptedSeq;
  return one.acceptedAt > standing.acceptedAt;
}
