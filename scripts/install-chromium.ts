/**
 * The last step before the checks: a Chromium for the tests of the page. If there is none, root on Debian gets the
 * distribution's; other users get a message, and those tests are skipped and counted as such.
 */
import { spawnSync } from 'node:child_process';
import { findChromium, NO_CHROMIUM } from '@setlist/testkit';

/** Not every release has the first one, which is smaller and takes less time. */
const PACKAGES = ['chromium-headless-shell', 'chromium'];
const TIMEOUT_MS = 300_000;
/** Keeps an unreachable mirror from holding up the checks. */
const PATIENCE = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=30', '-qq'];

if (findChromium() === undefined) {
  if (process.getuid?.() === 0 && hasApt()) install();
  if (findChromium() === undefined) say(`${NO_CHROMIUM}. Tests of the page are skipped.`);
}

function install(): void {
  say('installing Chromium for the tests of the page (apt-get), about 100 MB');
  const isInstalled =
    apt('update') && PACKAGES.some((name) => apt('install', '-y', '--no-install-recommends', name));
  if (!isInstalled) say('apt-get could not install it; its reasons are above');
}

function hasApt(): boolean {
  return spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Its output goes to standard error. */
function apt(...args: string[]): boolean {
  const { status } = spawnSync('apt-get', [...PATIENCE, ...args], {
    stdio: ['ignore', 2, 2],
    timeout: TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

function say(text: string): void {
  process.stderr.write(`setup: ${text}\n`);
}
