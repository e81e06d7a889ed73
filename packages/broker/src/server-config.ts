/** Writes the configuration file of a broker of ours, and reads the file in which the server reports its port. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServerConfig {
  readonly storeDir: string;
  readonly portsFolder: string;
  readonly port?: number;
  readonly flushes?: boolean;
  /** The token that clients have to present; `false` requires none. */
  readonly token: string | false;
}

/** nats-server's default, written explicitly because the limits on event sizes depend on it. */
const MAX_PAYLOAD = '1MB';
/**
 * More than any disk has, so that only the disk limits the log. By default, the limit is three quarters of what is free at
 * the start, which does not include what the log has taken: after a restart, a large log would refuse every write.
 */
const MAX_FILE_STORE = '1PB';

export function renderConfig(config: ServerConfig): string {
  const lines = [
    `listen: "127.0.0.1:${config.port || -1}"`,
    'server_name: setlist',
    `max_payload: ${MAX_PAYLOAD}`,
    ...(config.token === false ? [] : [`authorization { token: ${JSON.stringify(config.token)} }`]),
    `ports_file_dir: ${JSON.stringify(config.portsFolder)}`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(config.storeDir)}`,
    `  max_file_store: ${MAX_FILE_STORE}`,
    ...(config.flushes ? ['  sync_interval: always'] : []),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

/** The port for clients, once the server `pid` accepts them; undefined until then. */
export function readPort(portsFolder: string, pid: number): number | undefined {
  const text = readIfThere(join(portsFolder, `nats-server_${pid}.ports`));
  if (text === undefined || !text.trimEnd().endsWith('}')) return undefined;
  const { nats } = JSON.parse(text) as { nats?: readonly string[] };
  const port = Number(new URL(nats?.[0] ?? '').port);
  return port > 0 ? port : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
