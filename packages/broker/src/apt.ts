/** Runs apt as an ordinary user, with a private state folder, the machine's mirror and the distribution's keyring. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseVersion, type ServerVersion } from './version.ts';

/** apt is missing or failed; the message contains its output. */
export class AptFailed extends Error {
  override readonly name = 'AptFailed';
}

/** The package archive from which this machine installs. */
export interface Archive {
  /** Where it may be: vendors name their suites like the distribution's, but only its own has its signature. */
  readonly uris: readonly string[];
  readonly components: string;
  readonly keyring: string | undefined;
  /** The suites worth trying, this machine's own first. */
  readonly suites: readonly string[];
}

interface Distribution {
  readonly components: string;
  readonly keyring: string;
  readonly newerSuites: readonly string[];
}

/** Newer suites, the oldest first; `devel` and `unstable` are the mirrors' names for the release in development. */
const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  debian: {
    components: 'main',
    keyring: 'debian-archive-keyring',
    newerSuites: ['stable', 'testing', 'unstable'],
  },
  ubuntu: {
    components: 'main universe',
    keyring: 'ubuntu-archive-keyring',
    newerSuites: ['noble', 'resolute', 'devel'],
  },
};
const KEYRINGS = '/usr/share/keyrings';
export const PACKAGE = 'nats-server';
const APT_DEADLINE_MS = 180_000;

const execute = promisify(execFile);

/**
 * Reads the archive from apt's own settings, so that it is the mirror which this machine's administrator chose.
 * @throws AptFailed on a system without apt or with an unknown distribution
 */
export async function readArchive(signal?: AbortSignal): Promise<Archive> {
  const format = '$(RELEASE) $(REPO_URI)';
  const args = ['indextargets', '--format', format, 'Created-By: Packages'];
  const targets = await run('apt-get', args, { signal });
  return chooseArchive(readOsRelease(), targets);
}

/**
 * Finds the distribution's main archive among apt's targets (lines of `<suite> <uri>`); security and updates have suites
 * of their own.
 * @throws AptFailed if there is none, or the distribution is unknown
 */
export function chooseArchive(osRelease: string, targets: string): Archive {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1];
  const id = value('ID') ?? 'this system';
  const codename = value('VERSION_CODENAME') ?? 'unknown';
  const distribution = DISTRIBUTIONS[id];
  if (distribution === undefined) throw new AptFailed(`${id} is neither Debian nor Ubuntu`);
  const suites = [...new Set([codename, ...distribution.newerSuites])];
  const lines = targets.split('\n').map((line) => line.split(' '));
  const found = lines.filter(([suite = '']) => suites.includes(suite) || suite === 'sid');
  const uris = [...new Set(found.flatMap(([, uri]) => uri ?? []))];
  if (uris.length === 0) throw new AptFailed(`apt's sources list no archive of ${id} ${codename}`);
  const keyring = ['.pgp', '.gpg']
    .map((extension) => join(KEYRINGS, distribution.keyring + extension))
    .find((path) => existsSync(path));
  return { uris, components: distribution.components, keyring, suites };
}

/** Where apt works, and what stops it. */
export interface AptWork {
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** Does work in a folder for apt, which is removed afterwards. */
export async function withWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  // Readable by apt's own download user, and outside the project, whose folder that user may be unable to enter.
  const folder = mkdtempSync(join(tmpdir(), 'setlist-apt-'));
  chmodSync(folder, 0o755);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Updates one suite's index in `folder` and looks up the newest nats-server in it; undefined if the suite has none.
 * @throws AptFailed if the index can't be fetched or its signature is not the distribution's
 */
export async function newestIn(
  archive: Archive,
  suite: string,
  { folder, signal }: AptWork,
): Promise<ServerVersion | undefined> {
  await updateIndex(archive, suite, { folder, signal });
  const listing = await apt('apt-cache', ['madison', PACKAGE], { folder, signal });
  const offered = listing.split('\n')[0]?.split('|')[1];
  return offered === undefined ? undefined : parseVersion(offered);
}

/**
 * Sets `folder` up for one suite's index, and fetches the index from the first place that has it.
 * @throws AptFailed if the index can't be fetched or its signature is not the distribution's
 */
export async function updateIndex(
  archive: Archive,
  suite: string,
  { folder, signal }: AptWork,
): Promise<void> {
  const failures: string[] = [];
  for (const uri of archive.uris) {
    writeAptSettings(archive, `${uri} ${suite}`, folder);
    try {
      await apt('apt-get', ['update', '--error-on=any'], { folder, signal });
      return;
    } catch (error) {
      if (!(error instanceof AptFailed)) throw error;
      failures.push(error.message);
    }
  }
  throw new AptFailed(failures.join(' / '));
}

/** Downloads packages by the index in `folder` and unpacks them; resolves to the folder with their joint file tree. */
export async function downloadPackages(
  packages: readonly string[],
  { folder, signal }: AptWork,
): Promise<string> {
  await apt('apt-get', ['download', ...packages], { folder, signal });
  const archives = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  if (archives.length < packages.length) {
    throw new AptFailed('apt-get download succeeded but left too few .deb files');
  }
  const tree = join(folder, 'tree');
  for (const archive of archives)
    await run('dpkg-deb', ['--extract', join(folder, archive), tree], { signal });
  return tree;
}

/** The machine's apt.conf.d stays in force, such as its proxies; its post-update hooks must not run for this index. */
function writeAptSettings({ keyring, components }: Archive, from: string, folder: string): void {
  for (const path of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  const signedBy = keyring === undefined ? '' : `[signed-by=${keyring}] `;
  writeFileSync(join(folder, 'sources.list'), `deb ${signedBy}${from} ${components}\n`);
  const settings = [
    `Dir::State "${folder}/state";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::http::Timeout "20";',
    // No proxy reaches a mirror on this machine.
    'Acquire::http::Proxy::127.0.0.1 "DIRECT";',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '#clear Acquire::IndexTargets::deb::DEP-11;',
  ];
  writeFileSync(join(folder, 'apt.conf'), `${settings.join('\n')}\n`);
}

function apt(command: string, args: readonly string[], { folder, signal }: AptWork): Promise<string> {
  const settings = ['--config-file', join(folder, 'apt.conf'), '--quiet'];
  return run(command, [...settings, ...args], { cwd: folder, signal });
}

interface Running {
  readonly cwd?: string;
  readonly signal: AbortSignal | undefined;
}

/** @throws AptFailed; the signal's reason if it has aborted, since Ctrl-C may have ended the program before we do */
async function run(command: string, args: readonly string[], { cwd, signal }: Running): Promise<string> {
  try {
    const options = {
      cwd,
      signal,
      timeout: APT_DEADLINE_MS,
      maxBuffer: 1 << 26,
      env: { ...process.env, LC_ALL: 'C' },
    };
    const { stdout } = await execute(command, args, options);
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    const { code, stderr } = error as { code?: unknown; stderr?: unknown };
    if (code === 'ENOENT') throw new AptFailed(`there is no ${command} here`, { cause: error });
    const words = lastLines(typeof stderr === 'string' ? stderr : '') || error.message;
    throw new AptFailed(`${command} failed: ${words}`, { cause: error });
  }
}

/** apt's last lines say what went wrong; the lines before are progress. */
function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ');
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch (error) {
    throw new AptFailed('this is neither Debian nor Ubuntu: there is no /etc/os-release', { cause: error });
  }
}
