/** Stops a process from running, so that it does nothing until it gets SIGCONT; its connections stay open. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Returns once all its threads have stopped: a busy one still runs for a moment after the signal. */
export function freeze(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  while (!isStopped(pid));
}

/** True where there is no /proc, and of a process that is gone, also while its parent has yet to notice. */
function isStopped(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  try {
    return readdirSync(threads).every((thread) =>
      /\) [TtZX] /.test(readFileSync(`${threads}/${thread}/stat`, 'latin1')),
    );
  } catch {
    // A thread has ended meanwhile.
    return !existsSync(threads);
  }
}
