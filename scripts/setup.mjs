/**
 * Makes a fresh clone ready to run: packages, the pinned Node, a nats-server, the console's page. Takes 0.2 s if there
 * is nothing to do. Plain JavaScript for Node 20, since it runs before the pinned Node exists. Prints only to standard
 * error.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const LOCK = join(ROOT, 'package-lock.json');
/** Holds the lock file's hash as of the last complete installation. */
const LOCK_NOTE = join(ROOT, 'node_modules/.setlist-lock');
const PINNED_NODE = join(ROOT, 'node_modules/.bin/node');
const OLDEST_NODE = 20;
const PAGE = join(ROOT, 'services/console/page');
const BUILT_PAGE = join(ROOT, 'services/console/dist/index.html');
/** Holds the source's hash and the time of the page's last build here. */
const PAGE_NOTE = join(ROOT, 'node_modules/.setlist-page');

class SetupFailed extends Error {}

try {
  checkNode();
  const hasPackages = packagesMatchLock();
  if (!hasPackages) installPackages();
  if (!pinnedNodeRuns()) repairPinnedNode();
  if (!hasPackages) writeFileSync(LOCK_NOTE, lockHash());
  findBroker();
  if (!pageMatchesSource()) buildPage();
} catch (error) {
  say(error instanceof SetupFailed ? error.message : error.stack);
  // As `setlist` ends when something is missing; with 1, its items would have failed.
  process.exitCode = 3;
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST_NODE) return;
  throw new SetupFailed(
    `Node ${OLDEST_NODE} or later is needed, this is ${process.version}. Install a newer one by nvm ` +
      '(https://github.com/nvm-sh/nvm: nvm install 24) or from NodeSource (https://github.com/nodesource/distributions).',
  );
}

/** npm ci first empties node_modules, so an interrupted one leaves no note. */
function packagesMatchLock() {
  return existsSync(LOCK_NOTE) && readFileSync(LOCK_NOTE, 'utf8') === lockHash();
}

function lockHash() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}

function installPackages() {
  say('installing packages (npm ci), a minute or so the first time');
  // Explicit, since NODE_ENV=production and npm's settings can omit packages without which nothing runs here.
  const status = npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error');
  if (status === 0) return;
  throw new SetupFailed(
    `npm ci failed (exit ${status}); its reason is above. It needs the npm registry that your npm is set to ` +
      '(npm config get registry) and about 700 MB of disk. Then run this command again.',
  );
}

function pinnedVersion() {
  return JSON.parse(readFileSync(LOCK, 'utf8')).packages['node_modules/node'].version;
}

function pinnedNodeRuns() {
  const { status, stdout } = spawnSync(PINNED_NODE, ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === `v${pinnedVersion()}`;
}

/** Node's binary comes from an install script, which some npm settings block. */
function repairPinnedNode() {
  say(`fetching the pinned Node ${pinnedVersion()}, whose install script has not run`);
  npm('rebuild', 'node', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error');
  if (pinnedNodeRuns()) return;
  throw new SetupFailed(
    `The pinned Node ${pinnedVersion()} is not at ${PINNED_NODE}: the install script of the npm package "node" did ` +
      'not run or did not succeed.\nAllow it once with: npm rebuild node --ignore-scripts=false\n' +
      'If that fails too, its output says why; it needs a package for your processor (linux x64 or arm64).',
  );
}

function findBroker() {
  const { status } = spawnSync(PINNED_NODE, [join(ROOT, 'scripts/install-nats.ts')], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupFailed('There is no suitable nats-server; see above for what to do.');
}

function pageMatchesSource() {
  if (!existsSync(BUILT_PAGE) || !existsSync(PAGE_NOTE)) return false;
  return readFileSync(PAGE_NOTE, 'utf8') === pageNote();
}

/** Includes the built page's time, so that a page built elsewhere is detected. */
function pageNote() {
  const hash = createHash('sha256').update(lockHash());
  for (const entry of readdirSync(PAGE, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (entry.isFile()) hash.update(pathOf(entry)).update(readFileSync(pathOf(entry)));
  }
  return `${hash.digest('hex')} ${statSync(BUILT_PAGE).mtimeMs}`;
}

function buildPage() {
  say('building the console’s page');
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const config = join(PAGE, 'vite.config.ts');
  const { status } = spawnSync(PINNED_NODE, [vite, 'build', '--config', config, '--logLevel', 'warn'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupFailed('The console’s page could not be built; the reason is above.');
  writeFileSync(PAGE_NOTE, pageNote());
}

/** Early versions of Node 20 call it `path`. */
function pathOf({ parentPath, path, name }) {
  return join(parentPath ?? path, name);
}
function byPath(a, b) {
  return pathOf(a) < pathOf(b) ? -1 : 1;
}

/** The npm that runs us, or the one on PATH. Its output goes to standard error. */
function npm(...args) {
  const ours = process.env.npm_execpath;
  const [command, ...before] = ours?.endsWith('.js') ? [process.execPath, ours] : ['npm'];
  const { status, error } = spawnSync(command, [...before, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (error) throw new SetupFailed(`npm could not be run (${error.message}). Install npm 9 or later.`);
  return status;
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}
