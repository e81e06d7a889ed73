/** The space in which a process id is valid: every machine and every container has its own. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessSpace {
  readonly host: string;
  /** The id of the machine's boot; empty if the system does not tell (not Linux). */
  readonly boot: string;
  /** The namespace of process ids; empty if the system does not tell (not Linux). */
  readonly ids: string;
}

export const spaceHere = (): ProcessSpace => ({
  host: hostname(),
  boot: orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  ids: orNothing(() => readlinkSync('/proc/self/ns/pid')),
});

/**
 * Whether a process of that space would be visible here. After a reboot, or where the system tells no boot, the host name
 * identifies the machine.
 */
export function isHere(space: ProcessSpace, here = spaceHere()): boolean {
  const isSameBoot = space.boot !== '' && space.boot === here.boot;
  return space.ids === here.ids && (isSameBoot || space.host === here.host);
}

function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
