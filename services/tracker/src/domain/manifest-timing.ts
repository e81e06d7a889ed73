/** When a manifest is to be written: which of two holds, and when a cancelled set is looked at again. */
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

/** What was under way when a set was cancelled still ends: it is looked at again so long after, in ms. */
const LOOKS_AFTER_CANCEL_MS = [60_000, 600_000];

/** In how many ms to look again at a set that was cancelled so long ago, or nothing. */
export function nextLookMs(sinceMs: number): number | undefined {
  const next = LOOKS_AFTER_CANCEL_MS.find((lookMs) => lookMs > sinceMs);
  return next === undefined ? undefined : next - sinceMs;
}
