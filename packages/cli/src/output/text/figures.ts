/** Formats percentages and rates; `@setlist/contracts` formats counts, money and times. */

/** `55 %`; `100 %` only when everything is done. */
export const percent = (part: number, whole: number): string =>
  `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`;

/** `92/s`, `4.1/s`. */
export const rate = (perSecond: number): string =>
  `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
