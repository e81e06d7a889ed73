/** Runs the setup script in its own clone, with an npm that installs what the test says. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';

const SETUP = join(import.meta.dirname, 'setup.mjs');

/** Acts like npm: without `dev`, installs only production packages. */
const NPM = `
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
if (process.env.WITHOUT_REGISTRY) process.exit(1);
if (process.argv[2] === 'ci') {
  rmSync('node_modules/.bin', { recursive: true, force: true });
  mkdirSync('node_modules/.bin', { recursive: true });
  const omitsDev = process.env.NODE_ENV === 'production' && !process.argv.includes('--include=dev');
  if (!omitsDev && !process.env.WITHOUT_NODE) symlinkSync(process.execPath, 'node_modules/.bin/node');
}
`;
const VITE = `
const { mkdirSync, writeFileSync } = require('node:fs');
mkdirSync('services/console/dist', { recursive: true });
writeFileSync('services/console/dist/index.html', '');
`;

async function clone(
  path: string,
): Promise<(env?: NodeJS.ProcessEnv) => { status: number | null; said: string }> {
  const version = process.versions.node;
  const files = {
    'package-lock.json': JSON.stringify({ packages: { 'node_modules/node': { version } } }),
    'npm-cli.js': NPM,
    'package.json': JSON.stringify({ type: 'module' }),
    'scripts/install-nats.ts': '',
    'node_modules/vite/package.json': '{}',
    'node_modules/vite/bin/vite.js': VITE,
    'services/console/page/vite.config.ts': '',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  await copyFile(SETUP, join(path, 'scripts/setup.mjs'));
  return (env = {}) => {
    const { status, stderr } = spawnSync(process.execPath, [join(path, 'scripts/setup.mjs')], {
      env: { ...process.env, npm_execpath: join(path, 'npm-cli.js'), ...env },
      encoding: 'utf8',
    });
    return { status, said: stderr };
  };
}

test('a clone is made ready even if npm is set to omit development packages', async () => {
  await using folder = await temporaryFolder();
  const setup = await clone(folder.path);
  expect(setup({ NODE_ENV: 'production' })).toMatchObject({ status: 0 });
  expect(setup().said, 'nothing is left to do').toBe('');
});

test('an installation that lacks the pinned Node is redone the next time', async () => {
  await using folder = await temporaryFolder();
  const setup = await clone(folder.path);
  const failed = setup({ WITHOUT_NODE: '1' });
  expect(failed.status).toBe(3);
  expect(failed.said).toContain('npm rebuild node');
  expect(setup()).toMatchObject({ status: 0 });
  expect(existsSync(join(folder.path, 'services/console/dist/index.html'))).toBe(true);
});

test('an installation that fails says so, and ends as setlist does when something is missing', async () => {
  await using folder = await temporaryFolder();
  const setup = await clone(folder.path);
  const { status, said } = setup({ WITHOUT_REGISTRY: '1' });
  expect(status).toBe(3);
  expect(said).toContain('npm ci failed (exit 1)');
  expect(setup()).toMatchObject({ status: 0 });
});

test('a set-up that fails in an unforeseen way ends as setlist does too, and says where', async () => {
  await using folder = await temporaryFolder();
  const setup = await clone(folder.path);
  await mkdir(join(folder.path, 'node_modules/.setlist-lock'));
  const { status, said } = setup();
  expect(status).toBe(3);
  expect(said).toMatch(/^setup: Error: EISDIR: .*\n +at /m);
});

test('an older Node is refused, with instructions to get a newer one', async () => {
  await using folder = await temporaryFolder();
  const setup = await clone(folder.path);
  const old = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.19.0'}})";
  const { status, said } = setup({
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(old)}`,
  });
  expect(status).toBe(3);
  expect(said).toContain('nvm install 24');
  expect(said).toContain('NodeSource');
});
