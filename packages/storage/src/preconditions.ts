/** What every store checks about its arguments before it touches anything, so that all refuse the same ones. */
import { platform } from 'node:os';
import { checkObjectKey, type ObjectKeyProblem } from '@setlist/contracts';
import type { Metadata } from './object-store.ts';
import { StoreError } from './store-error.ts';

/** Why this machine can't store a key, if it can't. A lenient problem, found in older sets, counts only on Windows. */
export function keyProblem(key: string): ObjectKeyProblem | undefined {
  const problem = checkObjectKey(key);
  return problem?.lenient && platform() !== 'win32' ? undefined : problem;
}

/** @throws StoreError with `invalid-key` */
export function requireKey(key: string): void {
  const problem = keyProblem(key);
  if (problem === undefined) return;
  throw new StoreError('invalid-key', `Nothing can be stored under this key: ${problem.message}`, {
    remedy: `Change the name: ${problem.remedy}.`,
  });
}

/** A prefix can end in the middle of a name; the folders before it must have names that keys can have. */
export function requirePrefix(prefix: string): void {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') requireKey(folder.slice(0, -1));
}

/** @throws TypeError if S3 could not carry it: a fault of the caller, which a folder reports too */
export function requireMetadata(metadata: Metadata = {}): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9-]+$/.test(name)) {
      throw new TypeError(`Metadata name ${JSON.stringify(name)} is not lower-case letters, digits and "-".`);
    }
    if (!/^[!-~](?:[ -~]*[!-~])?$/.test(value)) {
      throw new TypeError(`Metadata ${name} is not printable ASCII: ${JSON.stringify(value)}.`);
    }
    bytes += name.length + value.length;
  }
  if (bytes > 2048) throw new TypeError(`Metadata takes ${bytes} bytes, and S3 keeps at most 2048.`);
}
