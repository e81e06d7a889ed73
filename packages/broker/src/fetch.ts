/**
 * Unpacks the distribution's own nats-server into our cache, without root, a service or an installation.
 * apt downloads it with a private state folder, and checks its signature against the distribution's keyring.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AptFailed,
  type Archive,
  downloadPackages,
  newestIn,
  PACKAGE,
  readArchive,
  withWorkFolder,
} from './apt.ts';
import { cacheFolder, serverFile, serversFolder } from './cache.ts';
import { BrokerNotFetched, BrokerNotFound } from './errors.ts';
import { type FindOptions, type FoundServer, findNatsServer, REMEDY_BY_HAND } from './find.ts';
import { compareVersions, FLOOR_VERSION, formatVersion, type ServerVersion, versionOf } from './version.ts';

export interface FetchOptions {
  /** The suite to take (`trixie`, `sid`), instead of the first one with a version that is recent enough. */
  readonly suite?: string;
  readonly cache?: string;
  /** Called with a short description as each step begins, and with the place of the fetched binary. */
  readonly onStep?: (step: string) => void;
  /** Stops apt. */
  readonly signal?: AbortSignal;
}

/** The path of the fetched binary, and its version. */
export interface FetchedServer {
  readonly path: string;
  readonly version: string;
}

/**
 * Finds a nats-server; if there is none, and NATS_SERVER_BIN names none, fetches one first.
 * @throws BrokerNotFound, BrokerNotFetched, the signal's reason
 */
export async function findOrFetchNatsServer(
  options: FindOptions & Pick<FetchOptions, 'onStep' | 'signal'> = {},
): Promise<FoundServer> {
  const { env = process.env, onStep, signal } = options;
  try {
    return await findNatsServer(options);
  } catch (error) {
    if (!(error instanceof BrokerNotFound) || env.NATS_SERVER_BIN) throw error;
    const cache = options.cache ?? cacheFolder(env);
    await fetchNatsServer({ cache, ...(onStep && { onStep }), ...(signal && { signal }) });
    return await findNatsServer(options);
  }
}

/**
 * Goes through the suites of this machine's mirror, its own first, and takes the first nats-server that is recent
 * enough and runs here. Takes about 4 seconds per suite; downloads 10 MB and keeps some 15 MB.
 * @throws BrokerNotFetched if there is no apt, no network or no such package, with what to do instead; the signal's reason
 */
export async function fetchNatsServer(options: FetchOptions = {}): Promise<FetchedServer> {
  try {
    return await withWorkFolder((workFolder) => fromFirstSuite(workFolder, options));
  } catch (error) {
    if (!(error instanceof AptFailed)) throw error;
    throw new BrokerNotFetched(`nats-server could not be fetched: ${error.message}\n${REMEDY_BY_HAND}`, {
      cause: error,
    });
  }
}

/** @throws AptFailed if no suite has a usable one, with the reason of each */
async function fromFirstSuite(workFolder: string, options: FetchOptions): Promise<FetchedServer> {
  const archive = await readArchive(options.signal);
  const suites = options.suite === undefined ? archive.suites : [options.suite];
  const refusals: string[] = [];
  for (const suite of suites) {
    const fetched = await fromSuite(archive, suite, workFolder, options);
    if (typeof fetched !== 'string') {
      options.onStep?.(`nats-server ${fetched.version} is at ${fetched.path}`);
      return fetched;
    }
    refusals.push(`  - ${suite}: ${fetched}`);
  }
  throw new AptFailed(`no suite of this machine's mirror has a usable nats-server:\n${refusals.join('\n')}`);
}

/** The fetched server, or the reason why this suite has no usable one. */
async function fromSuite(
  archive: Archive,
  suite: string,
  workFolder: string,
  options: FetchOptions,
): Promise<FetchedServer | string> {
  options.onStep?.(`looking for nats-server in ${suite}`);
  const work = { folder: join(workFolder, suite), signal: options.signal };
  let offered: ServerVersion | undefined;
  try {
    offered = await newestIn(archive, suite, work);
  } catch (error) {
    if (!(error instanceof AptFailed)) throw error;
    return error.message;
  }
  if (offered === undefined) return 'it has no nats-server';
  if (compareVersions(offered, FLOOR_VERSION) < 0) {
    return `its nats-server ${formatVersion(offered)} is older than ${formatVersion(FLOOR_VERSION)}`;
  }
  options.onStep?.(`unpacking nats-server ${formatVersion(offered)} from ${suite}`);
  const unpacked = await downloadPackages([PACKAGE], work);
  return keep(join(unpacked, 'usr/sbin/nats-server'), options.cache ?? cacheFolder());
}

/**
 * Moves the binary atomically to its version's folder, after a test run; concurrent calls do no harm. The test run
 * takes place inside the cache, since some temporary folders don't allow programs to run (`noexec`).
 */
export async function keep(binary: string, cache: string): Promise<FetchedServer | string> {
  if (!existsSync(binary)) return 'its package has no /usr/sbin/nats-server';
  mkdirSync(serversFolder(cache), { recursive: true });
  const beside = mkdtempSync(join(serversFolder(cache), '.new-'));
  try {
    const whole = join(beside, 'nats-server');
    copyFileSync(binary, whole);
    chmodSync(whole, 0o755);
    const answer = await versionOf(whole).catch((error: Error) => error.message);
    if (typeof answer === 'string') return `its nats-server doesn't run here (${answer})`;
    const version = formatVersion(answer);
    const path = serverFile(cache, version);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(whole, path);
    return { path, version };
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
