import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkArchitecture } from './check-architecture.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'architecture-'));
  write('package.json', {
    workspaces: ['packages/*', 'services/*', 'test'],
    devDependencies: { vitest: '1' },
  });
  workspace('packages/contracts', 'contracts');
  workspace('packages/eventlog', 'eventlog', ['@setlist/contracts', 'nats']);
  workspace('services/ingest', 'ingest', ['@setlist/contracts', '@setlist/eventlog']);
  workspace('services/tracker', 'tracker', ['@setlist/contracts', '@setlist/ingest']);
  for (const folder of ['packages/contracts', 'packages/eventlog', 'services/ingest', 'services/tracker']) {
    write(`${folder}/src/index.ts`, 'export const sound = 1;\n');
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string | object): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

function workspace(
  folder: string,
  name: string,
  dependencies: string[] = [],
  devDependencies: string[] = [],
): void {
  const versions = (names: string[]) => Object.fromEntries(names.map((dependency) => [dependency, '*']));
  write(`${folder}/package.json`, {
    name: `@setlist/${name}`,
    dependencies: versions(dependencies),
    devDependencies: versions(devDependencies),
  });
}

/** Each finding as `file:line: rule`. */
function found(): string[] {
  return checkArchitecture(root).map(({ file, line, rule }) => `${file}:${line}: ${rule}`);
}

/** Writes one file of the ingest service and returns the findings. */
function foundInIngest(path: string, source: string): string[] {
  write(`services/ingest/${path}`, source);
  return found();
}

test('finds nothing in a tree that keeps the rules', () => {
  write(
    'services/ingest/src/accept.ts',
    `import { sound } from '@setlist/contracts';\nexport const a = sound;\n`,
  );
  write('services/ingest/src/main.ts', `import { a } from './accept.ts';\nprocess.exitCode = a;\n`);
  write(
    'services/ingest/src/accept.test.ts',
    `import { test } from 'vitest';\nimport { sound } from '@setlist/ingest';\n`,
  );
  write(
    'services/ingest/src/domain/decide.ts',
    `import { createHash } from 'node:crypto';\nnew Date(0);\ncreateHash('x');\n`,
  );
  expect(found()).toEqual([]);
});

describe('imports', () => {
  test.each([
    ['past another workspace’s index', `import { x } from '@setlist/contracts/src/index.ts';`, 'deep-import'],
    [
      'by a path out of the workspace',
      `import { x } from '../../../packages/contracts/src/index.ts';`,
      'deep-import',
    ],
    ['of oneself by name', `import { x } from '@setlist/ingest';`, 'self-import'],
    ['of a package that is not declared', `import { x } from 'left-pad';`, 'undeclared-dependency'],
    ['of the inside of such a package', `import { x } from 'left-pad/lib';`, 'undeclared-dependency'],
    ['by import()', `const x = await import('left-pad');`, 'undeclared-dependency'],
    ['by export from', `export * from 'left-pad';`, 'undeclared-dependency'],
  ])('%s', (_title, source, rule) => {
    expect(foundInIngest('src/x.ts', `// first line\n${source}\n`)).toContain(
      `services/ingest/src/x.ts:2: ${rule}`,
    );
  });

  test('production code imports only types from devDependencies', () => {
    workspace('services/ingest', 'ingest', [], ['yaml']);
    const source = `import type { Node } from 'yaml';\nimport { parse } from 'yaml';\n`;
    expect(foundInIngest('src/x.ts', source)).toEqual(['services/ingest/src/x.ts:2: undeclared-dependency']);
    rmSync(join(root, 'services/ingest/src/x.ts'));
    expect(foundInIngest('test/x.int.test.ts', source)).toEqual([]);
  });

  test('services never import each other', () => {
    write('services/tracker/src/x.ts', `import { sound } from '@setlist/ingest';\n`);
    expect(found()).toEqual(['services/tracker/src/x.ts:1: layer']);
  });

  test('packages import no service, except the command line', () => {
    for (const name of ['runtime', 'cli']) {
      workspace(`packages/${name}`, name, ['@setlist/ingest']);
      write(`packages/${name}/src/x.ts`, `import { sound } from '@setlist/ingest';\n`);
    }
    expect(found()).toEqual(['packages/runtime/src/x.ts:1: layer']);
  });

  test('nothing imports the GPL engine, not even tests', () => {
    workspace('packages/polly-local', 'polly-local');
    workspace('test', 'e2e', [], ['@setlist/polly-local']);
    write('test/x.test.ts', `import { x } from '@setlist/polly-local';\n`);
    expect(found()).toEqual(['test/x.test.ts:1: layer']);
  });
});

describe('what replays', () => {
  beforeEach(() => {
    workspace('packages/audit', 'audit', ['@setlist/eventlog', '@setlist/sets', '@setlist/storage']);
    workspace('packages/sets', 'sets');
    workspace('packages/storage', 'storage', ['@aws-sdk/client-s3']);
    write('packages/storage/src/index.ts', 'export const store = 1;\n');
    write(
      'packages/audit/src/replay/replay.ts',
      `import { sound } from '@setlist/eventlog';\nexport const a = sound;\n`,
    );
  });

  test('may read the log, and import the types of what it may not use', () => {
    write(
      'packages/audit/src/replay/line.ts',
      `import type { store } from '@setlist/storage';\nexport type S = typeof store;\n`,
    );
    expect(found()).toEqual([]);
  });

  test.each([
    ['a store', `import { store } from '@setlist/storage';`],
    ['the fold, which writes projections', `import { sound } from '@setlist/sets';`],
  ])('never reaches %s, over any number of files', (_, source) => {
    write('packages/audit/src/deep.ts', `${source}\nexport const deep = 1;\n`);
    write('packages/audit/src/replay/line.ts', `export { deep } from '../deep.ts';\n`);
    expect(found()).toEqual(['packages/audit/src/replay/line.ts:1: reach']);
    expect(checkArchitecture(root)[0]?.message).toContain('packages/audit/src/deep.ts → @setlist/');
  });

  test('never reaches a client of mail or Polly through another package', () => {
    workspace('packages/eventlog', 'eventlog', ['@setlist/contracts', 'nats', 'nodemailer']);
    write('packages/eventlog/src/index.ts', `export { sound } from './mail.ts';\n`);
    write(
      'packages/eventlog/src/mail.ts',
      `import { createTransport } from 'nodemailer';\nexport const sound = createTransport;\n`,
    );
    expect(found()).toContain('packages/audit/src/replay/replay.ts:1: reach');
  });
});

test.each([
  ['services/console/src', '@aws-sdk/client-polly'],
  ['services/ingest/src', '@aws-sdk/client-polly'],
  ['services/dispatcher/src', 'nodemailer'],
  ['packages/cli/src/commands/audit', '@aws-sdk/client-sns'],
])('only one service pays, and one notifies people: %s does not reach %s', (folder, client) => {
  const [kind, name = ''] = folder.split('/');
  workspace(`${kind}/${name}`, name, [client]);
  write(`${folder}/x.ts`, `import * as client from '${client}';\nexport const c = client;\n`);
  expect(found()).toEqual([`${folder}/x.ts:1: reach`]);
});

describe('a domain', () => {
  test.each([
    `import { readFile } from 'node:fs/promises';`,
    `import { randomUUID } from 'node:crypto';`,
    `import { connect } from 'nats';`,
    `import { sound } from '@setlist/eventlog';`,
    `import { Projections } from '@setlist/sets';`,
    `import { store } from '../adapters/store.ts';`,
    'const now = Date.now();',
    'const now = new Date();',
    'const now = performance.now();',
    'const luck = Math.random();',
    'const id = crypto.randomUUID();',
    'const { env } = process;',
    'const page = fetch("x");',
    'setTimeout(decide, 1);',
  ])('does not say: %s', (source) => {
    workspace('services/ingest', 'ingest', ['@setlist/eventlog', '@setlist/sets', 'nats']);
    write('services/ingest/src/adapters/store.ts', 'export const store = 1;\n');
    const findings = foundInIngest('src/domain/x.ts', `\n${source}\n`);
    expect(findings).toContain('services/ingest/src/domain/x.ts:2: pure-domain');
  });

  test.each([
    `import { sound } from '@setlist/contracts';`,
    `import { createHash } from 'node:crypto';`,
    `import { evolve } from '@setlist/sets';`,
    `import type { Settings } from '../config.ts';`,
    `import type { Sound } from '@setlist/eventlog';`,
    'const then = new Date(time);',
    'const then = Date.parse(text);',
    'const most = Math.max(1, 2);',
  ])('may say: %s', (source) => {
    workspace('services/ingest', 'ingest', ['@setlist/eventlog', '@setlist/contracts', '@setlist/sets']);
    expect(foundInIngest('src/domain/x.ts', `${source}\n`)).toEqual([]);
  });

  test('includes the code that folds sets', () => {
    workspace('packages/sets', 'sets', ['@setlist/eventlog']);
    for (const folder of ['fold', 'projections'])
      write(`packages/sets/src/${folder}/x.ts`, `import { sound } from '@setlist/eventlog';\n`);
    expect(found()).toEqual(['packages/sets/src/fold/x.ts:1: pure-domain']);
  });
});

test.each(['process.env.HOME', 'process.exit(1)', 'process.on("SIGTERM", stop)', 'globalThis.process'])(
  'a service says %s in main.ts only',
  (source) => {
    write('services/ingest/src/main.ts', `${source};\n`);
    expect(foundInIngest('src/service.ts', `${source};\n`)).toEqual([
      'services/ingest/src/service.ts:1: process-in-main',
    ]);
  },
);

describe('names', () => {
  test.each([`'setlist.events.x'`, `\`setlist.\${id}.state\``, `'SETLIST_EVENTS'`, `'$JS.API.>'`, `'$KV.x'`])(
    'only the contracts spell %s',
    (literal) => {
      write('packages/contracts/src/names.ts', `export const name = (id: string) => ${literal};\n`);
      write('packages/eventlog/src/index.test.ts', `export const name = (id: string) => ${literal};\n`);
      write('packages/eventlog/src/x.ts', `export const name = (id: string) => ${literal};\n`);
      expect(found()).toEqual(['packages/eventlog/src/x.ts:1: subject-spelling']);
    },
  );

  test('a file name is not a subject, and settings may name environment variables', () => {
    write('packages/eventlog/src/x.ts', `export const file = 'setlist.yml';\n`);
    write('packages/eventlog/src/config.ts', `export const key = 'SETLIST_HOME';\n`);
    expect(found()).toEqual([]);
  });

  test.each(['utils.ts', 'helpers.ts', 'common/x.ts', 'misc.ts'])('no file is called %s', (name) => {
    write(`packages/eventlog/src/${name}`, 'export const x = 1;\n');
    expect(found()).toEqual([`packages/eventlog/src/${name}:1: file-name`]);
  });
});
