/** Tracks every process that a test starts, so that one left running fails its test file (vitest.setup.ts) and ends. */
import type { ChildProcess } from 'node:child_process';

export interface StartedProcess {
  /** What to call it in the failure. */
  readonly name: string;
  /** Negative for a process group, whose leader it is that exits. */
  readonly pid: number;
  readonly exited: Promise<unknown>;
}

// On the global object, since the set-up file and a test can each load a copy of this module.
const REGISTRY = Symbol.for('@setlist/testkit: started processes');
const holder = globalThis as { [REGISTRY]?: Set<StartedProcess> };
const running = holder[REGISTRY] ?? openRegistry();

function openRegistry(): Set<StartedProcess> {
  const registry = new Set<StartedProcess>();
  holder[REGISTRY] = registry;
  // An aborted run gets no `afterAll`.
  process.once('exit', () => {
    for (const { pid } of registry) process.kill(pid, 'SIGKILL');
  });
  return registry;
}

/** Registers a process until it ends. */
export function processStarted(started: StartedProcess): void {
  running.add(started);
  void started.exited.then(() => running.delete(started));
}

/** Registers a process that a test spawned itself. */
export function childStarted<C extends ChildProcess>(name: string, child: C): C {
  const exited = new Promise((done) => child.once('exit', done));
  // Without a pid it could not be started, and its spawner gets the error.
  if (child.pid !== undefined) processStarted({ name, pid: child.pid, exited });
  return child;
}

/** Ends the processes that still run, and returns their names. */
export async function endLeakedProcesses(): Promise<string[]> {
  const leaked = [...running];
  for (const { pid } of leaked) process.kill(pid, 'SIGKILL');
  await Promise.all(leaked.map(({ exited }) => exited));
  return leaked.map(({ name, pid }) => `${name} (process ${pid})`);
}
