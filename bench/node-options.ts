/** Node's options for measured services: those of their images, plus a CPU profile if wanted. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from '@setlist/e2e';

const IMAGE = new URL('../services/dispatcher/Dockerfile', import.meta.url);

function readOptions(): string {
  const [, options] = /^ENV NODE_OPTIONS="(.+)"$/m.exec(readFileSync(IMAGE, 'utf8')) ?? [];
  if (options === undefined) throw new Error(`${IMAGE.pathname} sets no NODE_OPTIONS to measure with`);
  return options;
}

const optionsOfImage = readOptions();

/** @param profiles the folder for CPU profiles, which Node writes when a process exits cleanly; undefined for none */
export function nodeOptions(profiles: string | undefined, label: string): string {
  if (profiles === undefined) return optionsOfImage;
  const into = join(profiles, label);
  mkdirSync(into, { recursive: true });
  return `${optionsOfImage} --cpu-prof --cpu-prof-dir=${into}`;
}

/** Stops the services cleanly, so that their profiles are written. */
export async function endInOrder(system: System): Promise<void> {
  await Promise.all([...system.processes.values()].map((running) => running.term()));
}
