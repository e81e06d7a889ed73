/** One finding of `doctor`. */

export interface Finding {
  /** `missing` keeps Setlist from working; `warning` keeps only a part of it from working. */
  readonly level: 'ok' | 'warning' | 'missing';
  readonly about: string;
  /** What is there. */
  readonly found: string;
  /** What to do; missing if nothing needs doing. */
  readonly remedy?: string;
}
