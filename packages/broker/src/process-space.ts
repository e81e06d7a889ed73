/** Where process ids mean what they mean here: another machine counts its own, and so does another container. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessSpace {
  readonly host: string;
  /** The run of the machine, and its space of process ids, where the system tells (Linux); empty elsewhere. */
  readonly boot: string;
  readonly ids: string;
}

export const spaceHere = (): ProcessSpace => ({
  host: hostname(),
  boot: orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  ids: orNothing(() => readlinkSync('/proc/self/ns/pid')),
});

/** Whether a process of that space would be seen here. By an earlier boot it is this machine if the name is the same. */
export function isHere(space: ProcessSpace): boolean {
  const here = spaceHere();
  return space.ids === here.ids && (space.boot === here.boot || space.host === here.host);
}

function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
