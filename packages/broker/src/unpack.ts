/** Unpacks other servers of the distribution in the same way as nats-server, for comparison in benchmarks. */
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { AptFailed, downloadPackages, readArchive, updateIndex, withWorkFolder } from './apt.ts';

/**
 * Unpacks packages of this machine's own suite into one folder, which it replaces, completely or not at all, and
 * without root, a service or an installation. Dependencies are not followed: name those too that the machine can lack.
 * @throws AptFailed if there is no apt, no network or no such package
 */
export function unpackPackages(packages: readonly string[], into: string): Promise<void> {
  return withWorkFolder(async (workFolder) => {
    const archive = await readArchive();
    const [suite] = archive.suites;
    if (suite === undefined) throw new AptFailed('this machine’s suite is unknown');
    await updateIndex(archive, suite, { folder: workFolder });
    const tree = await downloadPackages(packages, { folder: workFolder });
    mkdirSync(dirname(into), { recursive: true });
    const beside = mkdtempSync(`${into}.new-`);
    cpSync(tree, beside, { recursive: true, verbatimSymlinks: true });
    rmSync(into, { recursive: true, force: true });
    renameSync(beside, into);
  });
}
