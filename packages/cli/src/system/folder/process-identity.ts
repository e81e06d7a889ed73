/** Tells whether a process that once wrote its id down is still the same one, since ids are used again. */
import { readFileSync } from 'node:fs';
import { isHere, type ProcessSpace, spaceHere } from '@setlist/broker';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and moment of its start, where the system tells (Linux); empty elsewhere. */
  readonly started: string;
  /** Missing in what earlier versions wrote. */
  readonly space?: ProcessSpace;
}

export const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  started: startOf(pid),
  space: spaceHere(),
});

/** Whether it is a process of another container or machine, of which nothing can be seen from here. */
export const isElsewhere = ({ space }: ProcessIdentity): boolean => space !== undefined && !isHere(space);

/** Whether that very process runs, which must not be elsewhere. Without a known start any process of that id counts. */
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
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields after the command's name, which may hold blanks and brackets; the start is the 22nd of all.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${spaceHere().boot}:${ticks}`;
  } catch {
    return '';
  }
}
