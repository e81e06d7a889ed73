/** Looks up a running process: in /proc, or with `ps` where there is none (not Linux). */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly parent: number;
  /** Its program and arguments, separated by blanks. */
  readonly command: string;
  /** How much processor time it has used, as the system writes it. */
  readonly used: string;
}

/** The ids of all running processes; none without /proc. */
export function processIds(): number[] {
  if (!hasProc()) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** Undefined if there is no such process or no permission to look at it. A zombie counts as gone. */
export const inspect = (pid: number): RunningProcess | undefined =>
  hasProc() ? inspectByProc(pid) : inspectByPs(pid);

const hasProc = (): boolean => existsSync('/proc/self/status');

function inspectByProc(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Before the state is the program's name, in which there can be anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', parent] = fields;
    if (/[ZX]/.test(state)) return undefined;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return { parent: Number(parent), command: words.join(' '), used: fields.slice(11, 13).join(' ') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

export function inspectByPs(pid: number): RunningProcess | undefined {
  const { error, stdout } = spawnSync('ps', ['-ww', '-o', 'ppid=,state=,time=,args=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  if (error) throw error;
  const [, parent, state = '', used = '', command] = /^\s*(\d+)\s+(\S+)\s+(\S+)\s+(.*)\n/s.exec(stdout) ?? [];
  if (command === undefined || /^[ZX]/.test(state)) return undefined;
  return { parent: Number(parent), command, used };
}
