/**
 * Checks docker-compose.yml and the Dockerfiles against the Compose Specification's schema and the repository, as far
 * as that is possible without a Docker engine.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '..');
const ENGINE = 'packages/polly-local';
/** The sources of settings that several services share, by the name that the services import. */
const SHARED_SETTINGS = {
  baseConfig: 'packages/runtime/src/settings/base-config.ts',
  brokerSettings: 'packages/eventlog/src/settings.ts',
  doorSettings: 'packages/admission/src/door-settings.ts',
  moneySettings: 'packages/admission/src/money-settings.ts',
  storeSettings: 'packages/storage/src/settings.ts',
};

/** Settings that Node itself reads. */
const OF_NODE = ['NODE_ENV', 'NODE_OPTIONS'];

/** Settings that the compose file itself decides: how its containers reach each other, and where their volumes are. */
const OF_THE_FILE = ['NATS_URL', 'POLLY_LOCAL_URL', 'HTTP_HOST', 'HTTP_PORT', 'TASK_OUTPUT_DIR', 'STATE_DIR'];

interface ComposeService {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly image?: string;
  readonly container_name?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const built = services.flatMap(([name, { build, environment }]) =>
  build === undefined ? [] : [{ name, folder: dirname(build.dockerfile), environment: environment ?? {} }],
);
const dockerfiles = globSync('{services,packages}/*/Dockerfile', { cwd: ROOT }).sort();

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(read(join(folder, 'package.json'))) as Manifest;
}

/** The arguments of each instruction with this name, line continuations joined. */
function instructions(dockerfile: string, name: string): string[] {
  const lines = read(dockerfile).replaceAll('\\\n', ' ').split('\n');
  return lines
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1).trim());
}

/** What an image copies from the repository: `[from…, to]` of each COPY that is not from an earlier stage. */
function copies(dockerfile: string): string[][] {
  return instructions(dockerfile, 'COPY').flatMap((args) =>
    args.startsWith('--from') ? [] : [args.split(/\s+/)],
  );
}

/** The folders of a workspace and of all workspaces that it needs in production. */
function production(folder: string): string[] {
  const folderOf = new Map(
    globSync('{packages,services}/*', { cwd: ROOT })
      .filter((path) => existsSync(join(ROOT, path, 'package.json')))
      .map((path) => [manifestIn(path).name, path]),
  );
  const needed = new Set([folder]);
  for (const each of needed) {
    for (const name of Object.keys(manifestIn(each).dependencies ?? {})) {
      const dependency = folderOf.get(name);
      if (dependency !== undefined) needed.add(dependency);
    }
  }
  return [...needed].sort();
}

describe('docker-compose.yml', () => {
  test('is valid by the schema of the Compose Specification', () => {
    // dclint contains the specification's schema.
    const carrier = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
    const { $schema: _, ...schema } = JSON.parse(
      readFileSync(join(carrier, 'schemas/compose.schema.json'), 'utf8'),
    ) as Record<string, unknown>;
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    const valid = validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(validate({ ...compose, services: { broker: { imagee: 'nats' } } })).toBe(false);
  });

  test('builds every image from a Dockerfile that exists, and leaves none out', () => {
    expect(built.map(({ folder }) => join(folder, 'Dockerfile')).sort()).toEqual(dockerfiles);
  });

  test.each(services)(
    '%s waits for services that exist, until they are healthy if they have a health check',
    (_name, { depends_on = {} }) => {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        const target = compose.services[needed];
        expect(target, needed).toBeDefined();
        const tellsHealth = target?.healthcheck !== undefined || target?.build !== undefined;
        expect(condition, needed).toBe(tellsHealth ? 'service_healthy' : 'service_started');
      }
    },
  );

  test.each(services)(
    '%s mounts a declared volume or a folder beside the file',
    (_name, { volumes = [] }) => {
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        expect(source.startsWith('./') || source in compose.volumes, volume).toBe(true);
      }
    },
  );

  test('publishes ports on the loopback address only', () => {
    for (const port of services.flatMap(([, { ports = [] }]) => ports))
      expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('makes the broker require NATS_TOKEN, and gives it to every service that connects', () => {
    expect(compose.configs.broker?.content).toMatch(/^authorization \{ token: "\$\{NATS_TOKEN:-\}" \}$/m);
    const urls = services.flatMap(([, { environment }]) => environment?.NATS_URL ?? []);
    expect(urls).toHaveLength(5);
    for (const url of urls) expect(url).toMatch(/^nats:\/\/\$\{NATS_TOKEN:-\}@(?:broker|127\.0\.0\.1):4222$/);
  });

  test('lets messages name the broker by its address on this machine', () => {
    const { broker, notifier } = compose.services;
    const [address] = broker?.ports?.map((port) => port.replace(/:\d+$/, '')) ?? [];
    expect(notifier?.environment?.COMMAND_SERVER).toBe(`\${COMMAND_SERVER:-nats://${address}}`);
  });

  test('lets the dispatcher be scaled: no fixed name, no host port', () => {
    const { dispatcher } = compose.services;
    expect(dispatcher).toBeDefined();
    expect(dispatcher?.container_name).toBeUndefined();
    expect(dispatcher?.ports).toBeUndefined();
  });

  test.each(built)(
    '$name takes every setting from the environment that the manual lets an operator decide',
    ({ environment }) => {
      const manual = read('docs/docker.md');
      for (const [name, value] of Object.entries(environment)) {
        if (OF_THE_FILE.includes(name)) continue;
        const [, variable] = /^\$\{([A-Z_]+):?-.*\}$/.exec(value) ?? [];
        expect(variable, `${name}: ${value}`).toBeDefined();
        expect(manual).toMatch(new RegExp(`^\\|.*\`${variable}\``, 'm'));
      }
    },
  );

  test.each(built)('$name gets only settings that it has', ({ folder, environment }) => {
    const own = read(join(folder, 'src/config.ts'));
    const shared = Object.entries(SHARED_SETTINGS).filter(([name]) => own.includes(`...${name},`));
    const known = [own, ...shared.map(([, file]) => read(file))].join('\n');
    const given = instructions(join(folder, 'Dockerfile'), 'ENV').flatMap(
      (line) => line.match(/[A-Z_]+(?==)/g) ?? [],
    );
    const names = [...Object.keys(environment), ...given.filter((name) => !OF_NODE.includes(name))];
    const unknown = names.filter((name) => !new RegExp(`^\\s*${name}:`, 'm').test(known));
    expect(unknown).toEqual([]);
  });
});

describe.each(dockerfiles)('%s', (dockerfile) => {
  const folder = dirname(dockerfile);

  test('copies what exists', () => {
    const sources = copies(dockerfile).flatMap((args) => args.slice(0, -1));
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
  });

  test('copies exactly the workspaces that it needs in production', () => {
    const sources = copies(dockerfile).flatMap((args) => args.slice(0, -1));
    const manifests = sources.filter((path) => path.endsWith('/package.json')).map((path) => dirname(path));
    const code = sources.filter((path) => path.endsWith('/src')).map((path) => dirname(path));
    expect(manifests.sort()).toEqual(production(folder));
    expect(code.sort()).toEqual(production(folder));
  });

  test('contains the GPL engine only if it is the engine’s own image', () => {
    expect(read(dockerfile).includes(ENGINE)).toBe(folder === ENGINE);
  });

  test('starts a file that exists, with its own workspace’s packages and no others', () => {
    const [command] = instructions(dockerfile, 'CMD').slice(-1);
    const [program, entry] = JSON.parse(command ?? '[]') as string[];
    expect(program).toBe('node');
    expect(entry).toBe(`${folder}/src/main.ts`);
    expect(existsSync(join(ROOT, entry ?? ''))).toBe(true);
    const [install] = instructions(dockerfile, 'RUN').filter((line) => line.startsWith('npm ci'));
    expect(install).toContain(`--workspace=${manifestIn(folder).name} --omit=dev`);
  });

  test('names its user by number, by which Kubernetes knows that it is not root, and has a health check', () => {
    expect(instructions(dockerfile, 'USER')).toEqual(['1000:1000']);
    expect(instructions(dockerfile, 'HEALTHCHECK').join()).toContain('/healthz');
  });
});
