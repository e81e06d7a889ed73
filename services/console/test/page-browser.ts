/** The page as tests look at it: built, in a real browser. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, findChromium, NO_CHROMIUM, type Page, startBrowser } from '@setlist/testkit';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { startWorld, type World } from './world.ts';

const BUILT = new URL('../dist/index.html', import.meta.url);
const PAGE_CONFIG = fileURLToPath(new URL('../page/vite.config.ts', import.meta.url));
/** A busy machine is slow to draw. */
const PATIENCE_MS = 60_000;

export const hasChromium = findChromium() !== undefined;
/** Of tests that are skipped without a browser. */
export const title = (text: string): string => (hasChromium ? text : `${text} (${NO_CHROMIUM})`);

async function buildPage(): Promise<void> {
  if (!existsSync(BUILT)) await build({ configFile: PAGE_CONFIG, logLevel: 'error' });
}

/** Nothing where there is none. */
const startedBrowser = async (): Promise<Browser | undefined> => (hasChromium ? startBrowser() : undefined);

/** A page in a context of its own, at no address yet. */
async function newPage(browser: Browser | undefined, baseURL: string): Promise<Page> {
  if (browser === undefined) throw new Error(NO_CHROMIUM);
  const context = await browser.newContext({ baseURL });
  context.setDefaultTimeout(PATIENCE_MS);
  return context.newPage();
}

interface PageSuite {
  /** The console under test; from the first test on. */
  readonly world: World;
  newPage(): Promise<Page>;
}

/** A console and a browser of a file's own, from before its tests to after them. */
export function pageSuite(): PageSuite {
  let world: World;
  let browser: Browser | undefined;
  beforeAll(async () => {
    await buildPage();
    world = await startWorld();
    browser = await startedBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
  });
  return {
    get world() {
      return world;
    },
    newPage: () => newPage(browser, world.url),
  };
}

/** Waits until an element that matches has this text. */
export const says = (page: Page, selector: string, text: string): Promise<void> =>
  page.locator(selector, { hasText: text }).first().waitFor();
