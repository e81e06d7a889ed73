/** The console's page in a real browser, with helpers for its tests. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually, type Page, startBrowser } from '@setlist/testkit';
import { build } from 'vite';
import { expect } from 'vitest';
import { System } from './system.ts';

const CONSOLE = new URL('../services/console/', import.meta.url);
const PAGE_CONFIG = fileURLToPath(new URL('page/vite.config.ts', CONSOLE));
const BUILT = new URL('dist/index.html', CONSOLE);
/** A generous limit, since a busy machine is slow to draw. */
const PATIENCE_MS = 60_000;
const MOST_TABS = 60;
const VIEWPORT = { width: 1280, height: 800 };

export interface PageWorld extends AsyncDisposable {
  readonly system: System;
  /** The console's address. */
  readonly url: string;
  /** Opens a separate page at a path of the console. */
  open(path: string): Promise<Page>;
  /** The faults of all pages so far: script errors, violations of the security policy, requests to other hosts. */
  readonly faults: readonly string[];
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
    faults,
    open: async (path) => {
      const context = await browser.newContext({ viewport: VIEWPORT, baseURL: url });
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

/** The focused element, and whether its focus is visible. */
export const focused = (page: Page): Promise<{ text: string; isInSight: boolean }> =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { top, bottom } = element.getBoundingClientRect();
    const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    const text = (element.getAttribute('aria-label') ?? element.innerText).trim();
    return { text, isInSight: isOutlined && bottom > 0 && top < innerHeight };
  })()`);

/** Presses Tab until an element with this name has the focus, which is visible all the way. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate('document.activeElement === document.body')) continue;
    const { text, isInSight } = await focused(page);
    expect({ text, isInSight }).toEqual({ text, isInSight: true });
    if (name.test(text)) return;
  }
  throw new Error(`${MOST_TABS} tabs did not lead to ${name}`);
}
