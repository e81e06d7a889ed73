/** Which of two manifests for one place holds. */
import type { ManifestHeader } from '@setlist/contracts';

/** What tells which of two manifests holds. */
export type Told = Pick<ManifestHeader, 'setId' | 'acceptedAt' | 'acceptedSeq' | 'generatedFromSeq'>;

/**
 * Whether a manifest takes the place of the one that stands there. Of one run the later manifest holds; of two runs under
 * one prefix that of the run accepted last, as with their files. Times tell which that is, since the other may be of a
 * log that was given up.
 */
export function isNewer(one: Told, standing: Told): boolean {
  if (one.setId === standing.setId) return one.generatedFromSeq > standing.generatedFromSeq;
  if (one.acceptedAt === standing.acceptedAt) return one.acceptedSeq > standing.acceptedSeq;
  return one.acceptedAt > standing.acceptedAt;
}
