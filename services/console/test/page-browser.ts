/** The built page in a real browser. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, hasChromium, NO_CHROMIUM, type Page, startBrowser } from '@setlist/testkit';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { startWorld, type World } from './world.ts';

const BUILT = new URL('../dist/index.html', import.meta.url);
const PAGE_CONFIG = fileURLToPath(new URL('../page/vite.config.ts', import.meta.url));
/** Generous, since a busy machine is slow to draw. */
const PATIENCE_MS = 60_000;

async function buildPage(): Promise<void> {
  if (!existsSync(BUILT)) await build({ configFile: PAGE_CONFIG, logLevel: 'error' });
}

/** `undefined` if there is no browser. */
const startedBrowser = async (): Promise<Browser | undefined> => (hasChromium ? startBrowser() : undefined);

/** A blank page in its own context. */
async function newPage(browser: Browser | undefined, baseURL: string): Promise<Page> {
  if (browser === undefined) throw new Error(NO_CHROMIUM);
  const context = await browser.newContext({ baseURL });
  context.setDefaultTimeout(PATIENCE_MS);
  return context.newPage();
}

interface PageSuite {
  /** The console under test; available once tests run. */
  readonly world: World;
  newPage(): Promise<Page>;
}

/** Starts a console and a browser for a test file, and stops them after its tests. */
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

/** A page with the initial draft in the editor. */
export async function openEditor(suite: PageSuite): Promise<Page> {
  const page = await suite.newPage();
  await page.goto('/new');
  await says(page, '.cm-content', 'Good morning.');
  return page;
}

/** Adds these words to the first line of the draft. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator('.cm-line').first().click();
  await page.keyboard.press('End');
  await page.keyboard.type(` # ${text}`);
  await says(page, '.cm-content', text);
}

/** Waits until an element that matches the selector has this text. */
export const says = (page: Page, selector: string, text: string): Promise<void> =>
  page.locator(selector, { hasText: text }).first().waitFor();

/** A tenth of a second of silence, as browsers can decode it: WAV, 8 bits, 8,000 Hz. */
export function silence(): Buffer {
  const samples = Buffer.alloc(800, 128);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  [16, 0x1_0001, 8_000, 8_000, 0x8_0001].forEach((value, at) => void head.writeUInt32LE(value, 16 + 4 * at));
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
