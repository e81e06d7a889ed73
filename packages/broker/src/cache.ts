/** Where a fetched nats-server is kept: `<cache>/nats-server/<version>/nats-server`. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { compareVersions, parseVersion, type ServerVersion } from './version.ts';

const SERVER_FOLDER = 'nats-server';
const CHECKOUT = resolve(import.meta.dirname, '../../..');

/** Whether this is a clone, and not the installed command. */
export const isCheckout = (): boolean => existsSync(join(CHECKOUT, 'turbo.json'));

/** In a checkout, its own `.cache`; elsewhere the user's: `$XDG_CACHE_HOME/setlist`, or `~/.cache/setlist`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (isCheckout()) return join(CHECKOUT, '.cache');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'setlist');
}

/** The folder that contains one folder per version. */
export const serversFolder = (cache: string): string => join(cache, SERVER_FOLDER);

/** The path of one version's binary in the cache, whether or not it exists. */
export function serverFile(cache: string, version: string): string {
  return join(serversFolder(cache), version, 'nats-server');
}

/** The paths of the binaries that were fetched before, newest first. Empty if there is no cache yet. */
export function cachedBinaries(cache: string): string[] {
  const root = serversFolder(cache);
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .flatMap((entry): { entry: string; version: ServerVersion }[] => {
      const version = /^\d+\.\d+\.\d+$/.test(entry) ? parseVersion(entry) : undefined;
      return version === undefined ? [] : [{ entry, version }];
    })
    .sort((a, b) => compareVersions(b.version, a.version))
    .map(({ entry }) => serverFile(cache, entry));
}
