/** Days of the calendar. */

/** Whether a day such as `2026-11-22` exists: `Date` reads the 31st of a shorter month as a day of the next one. */
export function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().slice(0, 10) === day;
}
