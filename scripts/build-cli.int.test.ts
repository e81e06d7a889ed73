/** The npm package as a user gets it: packed, unpacked under node_modules, and run with nothing else of this repository. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder, findNatsServer } from '@setlist/broker';
import { startProcess } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli } from './build-cli.ts';
import { deadLinks } from './links.ts';
import { toJavaScript } from './published/to-javascript.ts';
import { dependenciesOf } from './published/workspaces.ts';

const ROOT = resolve(import.meta.dirname, '..');
let home: string;
let installed: string;
let server: string;

beforeAll(async () => {
  server = (await findNatsServer({ cache: cacheFolder() })).path;
  home = realpathSync(mkdtempSync(join(tmpdir(), 'setlist-published-')));
  const built = buildCli(join(home, 'built'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', home, built]);
  installed = join(home, 'node_modules/@setlist/cli');
  mkdirSync(installed, { recursive: true });
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', join(home, tarball), '-C', installed, '--strip-components=1']);
  const { dependencies } = manifestOf(installed);
  for (const name of Object.keys(dependencies ?? {})) linkDependency(name);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly version: string;
  };

/** Links what npm would install: only what the manifest names, so that nothing else is found. */
function linkDependency(name: string): void {
  const places = [
    join(ROOT, 'node_modules', name),
    ...globSync(`{packages,services}/*/node_modules/${name}`, { cwd: ROOT }).map((path) => join(ROOT, path)),
  ];
  const place = places.find((path) => existsSync(path));
  if (place === undefined) throw new Error(`${name} is not installed here`);
  const link = join(home, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(place, link);
}

const setlist = (...args: string[]) => setlistIn({ NATS_SERVER_BIN: server }, ...args);

function setlistIn(given: Readonly<Record<string, string>>, ...args: string[]) {
  const env = { ...process.env, ENGINE: 'instant', NO_COLOR: '1', NODE_OPTIONS: '', ...given };
  return spawnSync(process.execPath, [join(installed, 'setlist.js'), ...args], {
    cwd: home,
    env,
    encoding: 'utf8',
  });
}

test('says its version and its help', () => {
  expect(setlist('--version').stdout.trim()).toBe(manifestOf(ROOT).version);
  expect(setlist('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('setlist [options] [command]'),
  });
});

test('doctor names no script of a clone, since the package lacks them', () => {
  const entry = join(installed, 'packages/polly-local/src/main.js');
  renameSync(entry, `${entry}.gone`);
  const { stdout } = setlist('doctor');
  renameSync(`${entry}.gone`, entry);
  expect(stdout).toContain('Install it again from the package');
  expect(stdout).not.toContain('npm run');
});

/** Acts like apt on a mirror whose package contains the nats-server at `$PACKAGED`. */
const APT = `
. /etc/os-release
case "$*" in
  *indextargets*) echo "$VERSION_CODENAME http://mirror.test/" ;;
  *madison*) echo "nats-server | 2.10.27-1 | http://mirror.test" ;;
  *download*) : > nats-server.deb ;;
  *--extract*) /bin/mkdir -p "$3/usr/sbin" && /bin/cp "$PACKAGED" "$3/usr/sbin/nats-server" ;;
esac
`;
const hasOwnServer = ['/usr/local/sbin', '/usr/sbin'].some((folder) => existsSync(`${folder}/nats-server`));

test.skipIf(hasOwnServer)(
  'without a nats-server, says how to fetch one, does so, and then runs with it',
  () => {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    for (const name of ['apt-get', 'apt-cache', 'dpkg-deb'])
      writeFileSync(join(bin, name), `#!/bin/sh${APT}`, { mode: 0o755 });
    const cache = join(home, 'cache');
    const env = { PATH: bin, PACKAGED: server, NATS_SERVER_BIN: '', XDG_CACHE_HOME: cache };
    const sample = join(ROOT, 'samples/romeo-juliet.yml');
    const run = () => setlistIn(env, 'run', sample, '--data', 'fetched', '--out', 'fetched-out', '--json');
    const without = run();
    expect(without.status).toBe(3);
    expect(without.stderr).toContain('setlist doctor --fetch');
    expect(without.stderr).not.toContain('npm run');
    const fetched = setlistIn(env, 'doctor', '--fetch');
    expect(fetched.stdout).toContain(join(cache, 'setlist/nats-server'));
    expect(fetched.status).toBe(0);
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('"completed":6') });
  },
);

test('checks set files, large ones in a separate thread', () => {
  const items = Array.from(
    { length: 8_000 },
    (_, at) => `  - text: This is phrase number ${at} of a long file.`,
  );
  writeFileSync(join(home, 'long.yml'), ['set:', '  name: long', 'items:', ...items, ''].join('\n'));
  expect(setlist('validate', 'long.yml')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^long\.yml: valid, 8,000 items/),
  });
});

test('makes a set’s audio with its own broker and engine, and pays once', () => {
  const sample = join(ROOT, 'samples/romeo-juliet.yml');
  const [first, second] = [setlist('run', sample, '--json'), setlist('run', sample, '--json')];
  expect(first.stderr).not.toMatch(/error|warning/i);
  expect(JSON.parse(first.stdout)).toMatchObject({ completed: 6, failed: 0, reused: 0 });
  expect(JSON.parse(second.stdout)).toMatchObject({ completed: 6, reused: 6, billedCharacters: 0 });
});

test('has the console and its built page', async () => {
  const env = { NATS_SERVER_BIN: server, ENGINE: 'instant', NODE_OPTIONS: '' };
  await using up = await startProcess({
    name: 'setlist up',
    entry: join(installed, 'setlist.js'),
    args: ['up', '--console-port', '0', '--data', 'console-data'],
    cwd: home,
    env: { ...env, NO_COLOR: '1' },
  });
  const line = await up.waitForLine(/watch and steer at/);
  const [url = ''] = /http:\/\/\S+/.exec(line) ?? [];
  const page = await (await fetch(url)).text();
  const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? [];
  const answer = await fetch(new URL(script, url));
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('javascript'),
  ]);
  await up.term();
});

test('contains each part’s licence, and the source of the part whose licence requires it', () => {
  const engine = join(installed, 'packages/polly-local');
  expect(readFileSync(join(installed, 'LICENSE'), 'utf8')).toContain('Apache License');
  expect(readFileSync(join(engine, 'LICENSE'), 'utf8')).toContain('GNU GENERAL PUBLIC LICENSE');
  const source = execFileSync('tar', ['-tzf', join(engine, 'source.tar.gz')], { encoding: 'utf8' });
  expect(source).toContain('packages/polly-local/src/main.ts');
  const scripts = globSync('**/*.js', { cwd: installed }).filter(
    (path) => !path.startsWith('packages/polly-local'),
  );
  for (const path of scripts) {
    expect(readFileSync(join(installed, path), 'utf8'), path).not.toMatch(/from '[^']*polly-local/);
  }
});

test('has every page of the manual that its messages name', () => {
  const scripts = globSync('{packages,services}/*/src/**/*.js', { cwd: installed });
  const named = scripts.flatMap((path) => {
    const source = readFileSync(join(installed, path), 'utf8');
    return [...source.matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([page]) => page);
  });
  expect(named).toContain('docs/messages.md');
  expect(named.filter((page) => !existsSync(join(installed, page)))).toEqual([]);
});

test('has all files to which its manual links', () => {
  const pages = globSync('**/*.md', { cwd: installed });
  expect(pages.length).toBeGreaterThan(30);
  const dead = pages.flatMap((page) => deadLinks(join(installed, page)).map((link) => `${page}: ${link}`));
  expect(dead).toEqual([]);
});

test('a converted module keeps its lines, and imports the other modules as JavaScript', () => {
  const source = [
    "import type { A } from './a.ts';",
    "import { b } from '../b.ts';",
    "import { c } from '@setlist/c';",
    "export { d } from 'd';",
    "const e: URL = new URL('./e.ts', import.meta.url);",
    "const f = (): Promise<unknown> => import('./f.ts');",
    "const told = 'see readme.ts';",
  ].join('\n');
  const indexOf = (name: string) => (name === '@setlist/c' ? 'packages/c/src/index.ts' : undefined);
  const lines = toJavaScript({ path: 'packages/x/src/y/z.ts', source }, indexOf).split('\n');
  expect(lines.map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
    '',
    "import { b } from '../b.js';",
    "import { c } from '../../../c/src/index.js';",
    "export { d } from 'd';",
    "const e = new URL('./e.js', import.meta.url);",
    "const f = () => import('./f.js');",
    "const told = 'see readme.ts';",
  ]);
});

test('two ranges of one dependency are refused, naming the workspaces that need them', () => {
  const part = (folder: string, range: string) => ({
    folder,
    manifest: { name: folder, version: '1.0.0', license: 'x', dependencies: { zod: range } },
  });
  expect(dependenciesOf([part('a', '^4.1.0'), part('b', '^4.1.0')])).toEqual({ zod: '^4.1.0' });
  expect(() => dependenciesOf([part('a', '^4.1.0'), part('b', '^3.0.0')])).toThrow(
    'a needs zod ^4.1.0, b ^3.0.0',
  );
});
