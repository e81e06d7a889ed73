/** What to do about audio that is not where a run put it. */

/** The remedy when audio is no longer where it was put. */
export const GONE_REMEDY =
  'Run the set again: paid sounds are put back in place without being paid for again.';

/** The remedy when another run's audio has replaced it. */
export const REPLACED_REMEDY =
  'Take it from the newest run that writes it, or run this set file again: paid sounds are reused.';
