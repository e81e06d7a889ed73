/** The machine that a figure was measured on; without it a figure means nothing. */
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findNatsServer } from '@setlist/broker';
import { rounded } from './statistics.ts';

const rootManifest = new URL('../package.json', import.meta.url);

export async function machine() {
  const { version } = JSON.parse(await readFile(rootManifest, 'utf8')) as { version: string };
  const broker = await findNatsServer();
  return {
    setlist: version,
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    /** Over 1, 5 and 15 minutes: other work on the machine affects the figures. */
    loadBefore: loadavg().map((load) => rounded(load, 2)),
    node: process.version,
    broker: `one nats-server ${broker.version}, file storage, default sync interval`,
  };
}
