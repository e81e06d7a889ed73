/** `npm run test:brokers`: runs every test with each nats-server of NATS_SUITES (default: stable, unstable). */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fetchNatsServer } from '@setlist/broker';

const ROOT = resolve(import.meta.dirname, '..');
const SUITES = (process.env.NATS_SUITES ?? 'stable,unstable').split(',');

for (const suite of SUITES) {
  const onStep = (step: string) => process.stdout.write(`${step}\n`);
  const { path } = await fetchNatsServer({ suite, onStep });
  const { status } = spawnSync(process.execPath, ['scripts/verify.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, NATS_SERVER_BIN: path },
  });
  if (status !== 0) process.exitCode = 1;
}
