/** CPU profiles of the services under measurement: Node writes one when a process ends in order. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from '@setlist/e2e';

/** Environment with which a process writes its profile to the folder; none where none is wanted. */
export function profiling(folder: string | undefined, label: string): Record<string, string> {
  if (folder === undefined) return {};
  const into = join(folder, label);
  mkdirSync(into, { recursive: true });
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${into}` };
}

/** Ends the services in order, so that their profiles are written. */
export async function endInOrder(system: System): Promise<void> {
  await Promise.all([...system.processes.values()].map((running) => running.term()));
}
