/** Tells whether a process that once wrote its id down is still the same one, since ids are used again. */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and moment of its start, where the system tells (Linux); empty elsewhere. */
  readonly started: string;
}

export const identityOf = (pid: number): ProcessIdentity => ({ pid, started: startOf(pid) });

/** Whether that very process runs. Without a known start any process of that id counts. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  if (!isThere(pid)) return false;
  const now = startOf(pid);
  return started === '' || now === '' || started === now;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields after the command's name, which may hold blanks and brackets; the start is the 22nd of all.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot}:${ticks}`;
  } catch {
    return '';
  }
}
