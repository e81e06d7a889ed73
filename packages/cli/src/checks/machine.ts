/** Checks what this machine must provide: the runtime, a nats-server, writable folders. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BrokerNotFetched, BrokerNotFound, findNatsServer, findOrFetchNatsServer } from '@setlist/broker';
import { type Environment, messageOf } from '@setlist/runtime';
import { NEWER_NODE } from '../installed.ts';
import type { Finding } from './finding.ts';

/** The oldest Node that strips types without a flag and has `await using`. */
const OLDEST_NODE_MAJOR = 24;

export function checkNode(version: string): Finding {
  const about = 'Node';
  const major = Number(/^v?(\d+)/.exec(version)?.[1]);
  if (major >= OLDEST_NODE_MAJOR) return { level: 'ok', about, found: version };
  return {
    level: 'missing',
    about,
    found: `${version} is older than ${OLDEST_NODE_MAJOR}`,
    remedy: NEWER_NODE,
  };
}

/** How a missing nats-server is fetched. */
interface Fetching {
  /** Is told each step. */
  readonly onStep: (step: string) => void;
  readonly signal: AbortSignal;
}

/** @param fetching if given, a missing nats-server is fetched */
export async function checkNatsServer(env: Environment, fetching?: Fetching): Promise<Finding[]> {
  const about = 'nats-server';
  try {
    const { version, path, source, passedOver } = await (fetching
      ? findOrFetchNatsServer({ env, ...fetching })
      : findNatsServer({ env }));
    return [
      { level: 'ok', about, found: `${version}, ${path} (${source})` },
      ...passedOver.map(
        (other): Finding => ({ level: 'ok', about, found: `skipped ${other.path}: ${other.reason}` }),
      ),
    ];
  } catch (error) {
    if (!(error instanceof BrokerNotFound || error instanceof BrokerNotFetched)) throw error;
    const [found = '', ...remedy] = error.message.split('\n');
    return [{ level: 'missing', about, found, remedy: remedy.join('\n') }];
  }
}

/** Checks that a folder is writable, or can be created. */
export async function checkFolder(about: string, path: string): Promise<Finding> {
  const existing = await nearestExisting(path);
  try {
    if (!(await stat(existing)).isDirectory()) throw new Error(`${existing} is not a folder`);
    await access(existing, constants.W_OK | constants.X_OK);
    return { level: 'ok', about, found: existing === path ? path : `${path} (created when needed)` };
  } catch (error) {
    return {
      level: 'missing',
      about,
      found: messageOf(error),
      remedy: `Allow this user to write to ${existing}, or name another folder.`,
    };
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) return path;
    return nearestExisting(parent);
  }
}
