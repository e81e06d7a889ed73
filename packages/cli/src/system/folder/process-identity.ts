/** Tells whether a recorded process id still belongs to the same process, since ids are reused. */
import { readFileSync } from 'node:fs';
import { isHere, type ProcessSpace, spaceHere } from '@setlist/broker';

export interface ProcessIdentity {
  readonly pid: number;
  /** The boot and the time of its start, on Linux; empty on other systems. */
  readonly started: string;
  /** Missing in files of earlier versions. */
  readonly space?: ProcessSpace;
}

export const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  started: startOf(pid),
  space: spaceHere(),
});

/** Whether the process is in another container or on another machine, and so not visible from here. */
export const isElsewhere = ({ space }: ProcessIdentity): boolean => space !== undefined && !isHere(space);

/** Whether this very process runs; not for one elsewhere. Without a known start, any process with this id counts. */
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
    // EPERM: it exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Skip the command's name, which can contain blanks and brackets; the start is field 22.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${spaceHere().boot}:${ticks}`;
  } catch {
    return '';
  }
}
