/** Reads the version of a nats-server binary, and defines the oldest supported one. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Major, minor, patch. */
export type ServerVersion = readonly [number, number, number];

/**
 * The oldest supported nats-server: 2.9 has no `sync_interval: always`, and after a restart it redelivers finished
 * messages from a sourced stream.
 */
export const FLOOR_VERSION: ServerVersion = [2, 10, 0];

const run = promisify(execFile);
const VERSION_DEADLINE_MS = 10_000;

/** The version in a text such as `nats-server: v2.10.27` or Debian's `2.10.27-1+b2`; undefined if there is none. */
export function parseVersion(text: string): ServerVersion | undefined {
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Below 0 if `a` is older than `b`, 0 if they are the same, above 0 if it is newer. */
export function compareVersions(a: ServerVersion, b: ServerVersion): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

export function formatVersion(version: ServerVersion): string {
  return version.join('.');
}

/**
 * Runs `path --version`.
 * @throws Error if the file can't be run or doesn't answer with a version within 10 seconds
 */
export async function versionOf(path: string): Promise<ServerVersion> {
  const { stdout } = await run(path, ['--version'], { timeout: VERSION_DEADLINE_MS });
  const version = parseVersion(stdout);
  if (version === undefined) throw new Error(`it answered --version with ${JSON.stringify(stdout.trim())}`);
  return version;
}
