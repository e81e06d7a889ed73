/** Times as people read them. */

/** `2026-11-22 21:55 -05:00`, or `… UTC`: in this machine's zone, which is shown since commands read times as UTC. */
export function localTime(instant: string): string {
  const at = new Date(instant);
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const east = -at.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(east) / 60), Math.abs(east) % 60].map(two);
  const zone = east === 0 ? 'UTC' : `${east < 0 ? '-' : '+'}${hours}:${minutes}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())} ${zone}`;
}
