/** The console's page in a real browser, with helpers for its tests. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, eventually, type Page, startBrowser } from '@setlist/testkit';
import axe, { type AxeResults } from 'axe-core';
import { build } from 'vite';
import { System } from './system.ts';

const CONSOLE = new URL('../services/console/', import.meta.url);
const PAGE_CONFIG = fileURLToPath(new URL('page/vite.config.ts', CONSOLE));
const BUILT = new URL('dist/index.html', CONSOLE);
/** A generous limit, since a busy machine is slow to draw. */
export const PATIENCE_MS = 60_000;

export interface PageWorld extends AsyncDisposable {
  readonly system: System;
  /** The console's address. */
  readonly url: string;
  readonly browser: Browser;
  /** Opens a separate page at a path of the console. */
  open(path: string, how?: PageOptions): Promise<Page>;
  /** The faults of all pages so far: script errors, violations of the security policy, requests to other hosts. */
  readonly faults: readonly string[];
}

interface PageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts the whole system with a real engine, a console that serves the last built page, and a browser. */
export async function startPageWorld(): Promise<PageWorld> {
  await using stack = new AsyncDisposableStack();
  if (!existsSync(BUILT)) await build({ configFile: PAGE_CONFIG, logLevel: 'error' });
  const system = stack.use(
    await System.start({ services: { ACK_WAIT: '30s', RETRY_FOR: '2s', SETTLE: '100ms' } }),
  );
  const url = await system.startConsole();
  const browser = stack.use(await startBrowser());
  const faults: string[] = [];
  const held = stack.move();
  return {
    system,
    url,
    browser,
    faults,
    open: async (path, { colorScheme = 'light', viewport = { width: 1280, height: 800 } } = {}) => {
      const context = await browser.newContext({ colorScheme, viewport, baseURL: url });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) faults.push(message.text());
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url()))
          faults.push(request.url());
      });
      await page.goto(path);
      return page;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Drops a file on the page as a user would. */
export async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
    return transfer;
  })()`);
  await page.dispatchEvent('body', 'dragover', { dataTransfer });
  await page.dispatchEvent('body', 'drop', { dataTransfer });
}

/** The id of the newest set of this name, once the console knows it. */
export function setIdOf({ url }: PageWorld, name: string): Promise<string> {
  return eventually(async () => {
    const answer = await fetch(`${url}/api/v1/sets?text=${name}`);
    const { sets } = (await answer.json()) as { sets: { setId: string; set: { name: string } }[] };
    const found = sets.find(({ set }) => set.name === name);
    return found?.setId ?? null;
  });
}

/** Waits until the player has audio that the browser can play, and shows its waveform. */
export async function hears(page: Page): Promise<void> {
  const duration = "document.querySelector('audio')?.duration ?? 0";
  await eventually(async () => (await page.evaluate<number>(duration)) > 0.2);
  await page.locator('.wave path').first().waitFor();
}

/** Waits until an element that matches has this text. */
export async function says(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor();
}

/** The findings of axe that keep someone from using the page; a line for each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const inLight = await violationsOn(page, {});
  await page.emulateMedia({ colorScheme: 'dark' });
  const inDark = await violationsOn(page, { runOnly: { type: 'rule', values: OF_COLOUR } });
  await page.emulateMedia({ colorScheme: 'light' });
  return [...inLight, ...inDark.map((finding) => `dark: ${finding}`)];
}

/** The rules of axe that depend on colours. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block'];

async function violationsOn(page: Page, options: object): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...options })})`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
