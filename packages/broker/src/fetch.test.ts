import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { BrokerNotFetched } from './errors.ts';
import { fetchNatsServer, findOrFetchNatsServer, keep } from './fetch.ts';

afterEach(() => vi.unstubAllEnvs());

test('without apt, says so and how else to get a nats-server', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  const error = await fetchNatsServer().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(BrokerNotFetched);
  expect(String(error)).toMatch(/there is no apt-get here|neither Debian nor Ubuntu/);
  expect(String(error)).toContain('NATS_SERVER_BIN=/path/to/nats-server');
});

/** Names a mirror; asked for anything else, it runs until it is killed. */
const ENDLESS_APT = `#!/bin/sh
if [ "$1" = indextargets ]; then
  echo sid http://127.0.0.1:9/
else
  touch "$0.runs"
  exec sleep 600
fi
`;

test.skipIf(spawnSync('apt-get', ['--version']).error)(
  'a stop ends apt, and is not taken for a suite without a nats-server',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'broker-fetch-'));
    using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
    const apt = join(folder, 'apt-get');
    writeFileSync(apt, ENDLESS_APT, { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    const stop = new AbortController();
    const steps: string[] = [];
    const looking = { env: { PATH: folder }, cache: join(folder, 'cache'), systemFolders: [] };
    const fetching = findOrFetchNatsServer({
      ...looking,
      onStep: (step) => steps.push(step),
      signal: stop.signal,
    });
    await vi.waitUntil(() => existsSync(`${apt}.runs`), { timeout: 30_000 });
    stop.abort(new Error('stopped'));
    await expect(fetching).rejects.toThrow('stopped');
    expect(steps).toEqual([expect.stringContaining('looking for nats-server in')]);
  },
);

test('a binary is test-run where it will stay, since programs may not run where it was unpacked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'broker-fetch-'));
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
  const unpacked = join(folder, 'nats-server');
  writeFileSync(unpacked, '#!/bin/sh\necho nats-server: v2.12.3\n', { mode: 0o644 });
  const cache = join(folder, 'cache');
  const path = join(cache, 'nats-server/2.12.3/nats-server');
  expect(await keep(unpacked, cache)).toEqual({ path, version: '2.12.3' });
  expect(statSync(path).mode & 0o777).toBe(0o755);
  writeFileSync(unpacked, '#!/bin/sh\nexit 1\n');
  expect(await keep(unpacked, cache)).toContain('run here');
  expect(readdirSync(join(cache, 'nats-server')), 'nothing is left over').toEqual(['2.12.3']);
});
