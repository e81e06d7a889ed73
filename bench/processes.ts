/** The usage of each process that a benchmark started, from /proc: CPU time is robust where clock time is not. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Row } from './benchmark.ts';
import { rounded } from './statistics.ts';

interface Memory {
  /** Peak resident memory, in MB. */
  readonly peakMb: number;
  /** Current resident memory, in MB. */
  readonly residentMb: number;
}

interface Usage extends Memory {
  /** CPU time, user and system, in ms. */
  readonly cpuMs: number;
}

/** Usage by kind of process; replicas are added up, except for memory, of which the largest counts. */
export type Usages = ReadonlyMap<string, Usage>;

/** Linux reports time to user space in hundredths of a second, whatever the kernel's tick. */
const MS_PER_TICK = 10;
const KB_PER_MB = 1_024;

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/nats-server/, 'broker'],
  [/redis-server/, 'redis'],
  [/polly-local\/src\/main/, 'engine'],
  [/bullmq-worker/, 'worker'],
  [/services\/(\w+)\/src\/main/, '$1'],
];

/** The usage of every child of this process that its command line identifies, and of this process as `bench`. */
export function usages(): Usages {
  const found = new Map<string, Usage>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const read = readProcess(entry);
    if (!read) continue;
    const before = found.get(read.kind);
    found.set(read.kind, {
      cpuMs: read.cpuMs + (before?.cpuMs ?? 0),
      peakMb: Math.max(read.peakMb, before?.peakMb ?? 0),
      residentMb: Math.max(read.residentMb, before?.residentMb ?? 0),
    });
  }
  return found;
}

/** Undefined for a process that is not our child, or has just ended. */
function readProcess(pid: string): (Usage & { kind: string }) | undefined {
  const stat = readOf(pid, 'stat');
  if (stat === undefined) return undefined;
  // The second field, the name in brackets, can contain spaces: the others follow its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = Number(pid) === process.pid;
  if (!own && Number(fields[1]) !== process.pid) return undefined;
  const kind = own ? 'bench' : kindOf(readOf(pid, 'cmdline') ?? '');
  const memory = memoryOf(pid);
  if (kind === undefined || memory === undefined) return undefined;
  return { kind, cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK, ...memory };
}

/** The memory of any process; undefined once it has ended. */
export function memoryOf(pid: number | string): Memory | undefined {
  const status = readOf(pid, 'status');
  if (status === undefined) return undefined;
  const mb = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / KB_PER_MB;
  return { peakMb: mb('VmHWM'), residentMb: mb('VmRSS') };
}

/** What the kernel says of a process; undefined once it has ended. */
function readOf(pid: number | string, file: 'stat' | 'cmdline' | 'status'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function kindOf(commandLine: string): string | undefined {
  for (const [pattern, kind] of KINDS) {
    const match = pattern.exec(commandLine);
    if (match) return kind.replace('$1', match[1] ?? '');
  }
  return undefined;
}

/** CPU time per item, in ms, of each process and of all, from one reading to the next. */
export function cpuPerItem(before: Usages, after: Usages, items: number): Row {
  const spent = [...after].map(
    ([kind, { cpuMs }]) => [kind, cpuMs - (before.get(kind)?.cpuMs ?? 0)] as const,
  );
  const all = spent.reduce((sum, [, ms]) => sum + ms, 0);
  return Object.fromEntries(
    [...spent, ['all', all] as const].map(([kind, ms]) => [`cpuMsPerItem.${kind}`, rounded(ms / items)]),
  );
}

/** Peak memory of each process, in MB. */
export const peaks = (found: Usages): Row =>
  Object.fromEntries([...found].map(([kind, { peakMb }]) => [`peakMb.${kind}`, Math.round(peakMb)]));
