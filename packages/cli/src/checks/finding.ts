/** One line of what `doctor` found. */

export interface Finding {
  /** `missing` keeps Setlist from working; a `warning` only keeps some of it from working. */
  readonly level: 'ok' | 'warning' | 'missing';
  readonly about: string;
  /** What is there. */
  readonly found: string;
  /** What to do, where something is to be done. */
  readonly remedy?: string;
}
