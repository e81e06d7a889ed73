/** Services start with the settings that docker-compose.yml gives them, and with those that docs/operations.md shows. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { durationMs, loadConfig } from '@setlist/runtime';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '..');

interface ComposeService {
  readonly build: { readonly dockerfile: string };
  readonly environment: Readonly<Record<string, string | number>>;
  readonly stop_grace_period: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const { services, configs } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Readonly<Record<string, ComposeService>>;
  configs: { readonly broker: { readonly content: string } };
};
const SCHEMAS = [
  ['ingest', 'ingestConfig'],
  ['dispatcher', 'processConfig'],
  ['tracker', 'trackerConfig'],
  ['notifier', 'notifierConfig'],
  ['console', 'consoleConfig'],
] as const;
const [, DISPATCHER, , NOTIFIER] = SCHEMAS;

/** Loads a service's settings as Compose passes them on. */
async function load([name, schema]: readonly [string, string], env: Readonly<Record<string, string>> = {}) {
  const { build, environment } = services[name] as ComposeService;
  const module = await import(join(ROOT, dirname(build.dockerfile), 'src/config.ts'));
  const given = Object.entries(environment).map(
    ([key, value]) => [key, filledIn(String(value), env)] as const,
  );
  return loadConfig(module[schema], Object.fromEntries(given));
}

/** `${NAME-default}`, and `${NAME:-default}`, which takes an empty variable as none; a default can contain another. */
function filledIn(value: string, env: Readonly<Record<string, string>>): string {
  const filled = value.replaceAll(
    /\$\{([A-Z_]+)(:?)-([^{}]*)\}/g,
    (_, name: string, orEmpty: string, otherwise: string) =>
      orEmpty === '' ? (env[name] ?? otherwise) : env[name] || otherwise,
  );
  return filled === value ? value : filledIn(filled, env);
}

test.each(SCHEMAS)('%s starts without any variable', async (...service) => {
  await expect(load(service)).resolves.toBeDefined();
});

test.each(SCHEMAS)('%s is given longer to stop than it takes to drain', async (...service) => {
  const graceMs = durationMs().parse(services[service[0]]?.stop_grace_period);
  expect(graceMs).toBeGreaterThan((await load(service)).DRAIN_TIMEOUT);
});

test('with Polly, the dispatcher does not start unless its tasks’ audio is looked for where Polly writes it', async () => {
  await expect(load(DISPATCHER, { PROVIDER: 'polly' })).rejects.toThrow('TASK_STORE must be unset or s3://');
  const own = { PROVIDER: 'polly', TASK_BUCKET: 'my-bucket' };
  await expect(load(DISPATCHER, own)).rejects.toThrow('TASK_STORE must be unset or s3://my-bucket');
  await expect(load(DISPATCHER, { ...own, TASK_STORE: '' })).resolves.toMatchObject({
    TASK_BUCKET: 'my-bucket',
  });
  await expect(
    load(DISPATCHER, { PROVIDER: 'polly', TASK_BUCKET: '', TASK_STORE: '' }),
  ).resolves.toBeDefined();
});

test('messages link to the console on the port where it listens, or as the operator says', async () => {
  const linkWith = async (env: Readonly<Record<string, string>>) => (await load(NOTIFIER, env)).CONSOLE_URL;
  expect(await linkWith({})).toBe('http://127.0.0.1:8581');
  expect(await linkWith({ CONSOLE_PORT: '9000' })).toBe('http://127.0.0.1:9000');
  expect(await linkWith({ CONSOLE_URL: 'https://console.example.com' })).toBe('https://console.example.com');
  expect(await linkWith({ CONSOLE_URL: '' })).toBeUndefined();
});

test('the broker does not derive its storage limit from what is free when it starts', () => {
  expect(configs.broker.content).toMatch(/^ +max_file_store: \d+PB$/m);
});

test.each(['ingest', 'console'])('%s can write set files to its temporary folder, up to a limit', (name) => {
  expect(services[name]).toMatchObject({ read_only: true, tmpfs: ['/tmp:size=1g'] });
});

describe('the settings that docs/operations.md shows', () => {
  const [, block = ''] = /```ini\n([^`]*NATS_URL=[^`]*)```/.exec(read('docs/operations.md')) ?? [];
  const shown = parseEnv(block);

  test.each(SCHEMAS)('start %s', async (service, schema) => {
    expect(shown).not.toEqual({});
    const module = await import(join(ROOT, 'services', service, 'src/config.ts'));
    expect(() => loadConfig(module[schema], shown)).not.toThrow();
  });

  test('are settings of one of the five services, and agree if two name the same thing', () => {
    const pages = read('docs/settings.md');
    expect(Object.keys(shown).filter((name) => !pages.includes(`| \`${name}\` |`))).toEqual([]);
    expect(shown.PROVIDERS).toBe(shown.PROVIDER);
  });
});
