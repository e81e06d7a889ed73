/** A real browser for the console's page: the distribution's Chromium. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

export type { Browser, Page } from 'playwright-core';

/** Debian's build without a window comes first: it takes less processor time. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** Why tests of the page are skipped, for their titles. */
export const NO_CHROMIUM =
  'there is no Chromium: install the package chromium-headless-shell or chromium, or set CHROMIUM_BIN';

/** The path of `CHROMIUM_BIN`, or of the Chromium on PATH; undefined if there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM_BIN) return env.CHROMIUM_BIN;
  const folders = (env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const hasChromium = findChromium() !== undefined;

/** The title of tests of the page, which says why they are skipped if they are. */
export const pageTitle = (text: string): string => (hasChromium ? text : `${text} (${NO_CHROMIUM})`);

/** Starts it without a window and without background requests. Disposing of it ends it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  // It takes half a second to load, and nearly every test file comes by this package.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
