/** Finds a nats-server that is recent enough, and reports which ones it skipped and why. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { cachedBinaries, cacheFolder, isCheckout } from './cache.ts';
import { BrokerNotFound } from './errors.ts';
import { compareVersions, FLOOR_VERSION, formatVersion, type ServerVersion, versionOf } from './version.ts';

export interface FindOptions {
  /** The environment to search; the process's own unless given. */
  readonly env?: NodeJS.ProcessEnv;
  /** The cache folder; see `cacheFolder`. */
  readonly cache?: string;
  /** The folders where packages install daemons, often missing on an ordinary user's PATH. */
  readonly systemFolders?: readonly string[];
}

/** A binary that exists but is not usable. */
interface PassedOver {
  readonly path: string;
  readonly reason: string;
}

export interface FoundServer {
  readonly path: string;
  /** For example `2.10.27`. */
  readonly version: string;
  readonly source: 'NATS_SERVER_BIN' | 'PATH' | 'cache';
  readonly passedOver: readonly PassedOver[];
}

const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin'];

const NEEDED = `Setlist needs nats-server ${formatVersion(FLOOR_VERSION)} or later. Any of these provides it:`;
const BY_HAND = [
  '  - a package manager that has 2.10 or later: brew install nats-server, or apt install nats-server (Debian 12 has 2.9);',
  '  - a nats-server binary from anywhere else, named by NATS_SERVER_BIN=/path/to/nats-server.',
];

/** How to get a nats-server after fetching it has failed. */
export const REMEDY_BY_HAND = [NEEDED, ...BY_HAND].join('\n');
const remedy = (cache: string): string => {
  const command = isCheckout() ? 'npm run setup' : 'setlist doctor --fetch';
  return [
    NEEDED,
    `  - ${command}: on Debian or Ubuntu, unpacks the distribution’s package into ${cache}, without root;`,
    ...BY_HAND,
  ].join('\n');
};

/**
 * Looks at NATS_SERVER_BIN, then along PATH and in the system's daemon folders, then in the cache.
 * If NATS_SERVER_BIN names an unusable binary, that is an error and not skipped.
 * @throws BrokerNotFound with what was tried and how to get one
 */
export async function findNatsServer(options: FindOptions = {}): Promise<FoundServer> {
  const env = options.env ?? process.env;
  const named = env.NATS_SERVER_BIN;
  if (named) return namedServer(resolve(named));

  const cache = options.cache ?? cacheFolder(env);
  const onPath = binariesOnPath(env, options.systemFolders ?? SYSTEM_FOLDERS);
  const candidates = [
    ...onPath.map((path) => ({ path, source: 'PATH' as const })),
    ...cachedBinaries(cache).map((path) => ({ path, source: 'cache' as const })),
  ];
  const passedOver: PassedOver[] = [];
  for (const { path, source } of candidates) {
    const judged = await judge(path);
    if (typeof judged !== 'string') return { path, version: formatVersion(judged), source, passedOver };
    passedOver.push({ path, reason: judged });
  }
  throw new BrokerNotFound([notFound(passedOver, cache), remedy(cache)].join('\n'));
}

async function namedServer(path: string): Promise<FoundServer> {
  const judged = await judge(path);
  if (typeof judged === 'string') {
    throw new BrokerNotFound(
      `NATS_SERVER_BIN names ${path}, which can't be used: ${judged}. Correct NATS_SERVER_BIN or unset it.`,
    );
  }
  return { path, version: formatVersion(judged), source: 'NATS_SERVER_BIN', passedOver: [] };
}

/** The version if the binary is usable, else the reason why it is not. */
async function judge(path: string): Promise<ServerVersion | string> {
  try {
    const version = await versionOf(path);
    if (compareVersions(version, FLOOR_VERSION) >= 0) return version;
    return `it is version ${formatVersion(version)}, older than ${formatVersion(FLOOR_VERSION)}`;
  } catch (error) {
    return `it doesn't run (${error instanceof Error ? error.message : String(error)})`;
  }
}

function binariesOnPath(env: NodeJS.ProcessEnv, systemFolders: readonly string[]): string[] {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...systemFolders];
  return [...new Set(folders)].map((folder) => join(folder, 'nats-server')).filter(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function notFound(passedOver: readonly PassedOver[], cache: string): string {
  const looked = `NATS_SERVER_BIN is not set; looked along PATH and in ${cache}.`;
  if (passedOver.length === 0) return `There is no nats-server here. ${looked}`;
  const lines = passedOver.map(({ path, reason }) => `  - ${path}: ${reason}`);
  return [`No nats-server here can be used. ${looked}`, ...lines].join('\n');
}
