/** The health checks of the containers, in docker-compose.yml and in the Dockerfiles. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { durationMs } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '..');

interface HealthCheck {
  readonly test: readonly string[];
  readonly start_period: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, { readonly healthcheck?: HealthCheck }>>;
};

const probes = [
  ...Object.entries(services).flatMap(([name, { healthcheck }]) =>
    healthcheck === undefined ? [] : [[name, healthcheck.test.slice(1).join(' ')] as const],
  ),
  ...globSync('{services,packages}/*/Dockerfile', { cwd: ROOT }).map((path) => {
    const [, command = ''] = /^HEALTHCHECK .*\\\n {2}CMD (.+)$/m.exec(read(path)) ?? [];
    return [path, command] as const;
  }),
];

test('there is one for the broker and one in each image', () => {
  expect(probes).toHaveLength(7);
});

// Docker sets http_proxy in every container if the user's configuration has a proxy; BusyBox's wget ignores no_proxy.
test.each(probes)('that of %s never asks a proxy', (_name, probe) => {
  expect(probe).toMatch(/^wget -Y off .*\bhttp:\/\/127\.0\.0\.1:.+\/healthz"?$/);
});

test('that of the broker leaves it minutes to read its log again', () => {
  const patience = services.broker?.healthcheck?.start_period;
  expect(durationMs().parse(patience)).toBeGreaterThanOrEqual(10 * 60_000);
});
