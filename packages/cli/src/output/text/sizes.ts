/** Formats amounts of data. */

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** `812 bytes`, `14.2 KB`, `3.1 GB`: in powers of 1,000, as disks are sold. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  let amount = bytes / 1_000;
  let unit = 0;
  while (amount >= 999.95 && unit < UNITS.length - 1) {
    amount /= 1_000;
    unit++;
  }
  return `${amount.toFixed(1)} ${UNITS[unit]}`;
}
