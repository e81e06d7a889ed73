/** The page for everybody: with assistive technology, on a phone, in light and in dark. */
import { eventually, hasChromium, type Page, pageTitle } from '@setlist/testkit';
import axe, { type AxeResults } from 'axe-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageSuite, says, silence } from '../page-browser.ts';
import { SetOf, seen } from '../world.ts';

const suite = pageSuite();
const ITEMS = 30;
const PHONE = { width: 390, height: 844 };

let done: SetOf;
let failing: SetOf;
let refused: SetOf;
beforeAll(async () => {
  const { world } = suite;
  done = await new SetOf(world, 'done', ITEMS).accept();
  await done.pay(0);
  for (let index = 0; index < ITEMS; index++) await done.complete(index);
  failing = await new SetOf(world, 'failing', 2).accept();
  for (const index of [0, 1]) await failing.fail(index);
  refused = new SetOf(world, 'refused');
  await refused.reject('file:///inbox/refused.yml');
  for (const { id } of [done, failing]) {
    await seen<{ state?: string }>(`${world.url}/api/v1/sets/${id}`, ({ state }) => state === 'completed');
  }
});

interface View {
  readonly name: string;
  /** Known once the sets are there. */
  path(): string;
  /** What shows that it is complete. */
  readonly ready: string;
  readonly text: string;
  /** What else it can show. */
  more?(page: Page): Promise<void>;
}

/** Opens a view, and waits for the text that shows that it is complete. */
async function open(path: string, ready: string, text: string): Promise<Page> {
  const page = await suite.newPage();
  await page.goto(path);
  await says(page, ready, text);
  return page;
}

/** Plays an item and shows the past, both of which stay beside the items. */
async function playInPast(page: Page): Promise<void> {
  const link = { url: '/audio/0', file: 'done/item-0.mp3' };
  await page.route('**/items/0/audio-link', (route) => route.fulfill({ json: link }));
  await page.route('**/audio/0', (route) => route.fulfill({ contentType: 'audio/wav', body: silence() }));
  await page.getByRole('button', { name: 'Play item 0' }).click();
  await says(page, '.player-name', 'item-0.mp3');
  await page.getByRole('tab', { name: 'Past' }).click();
  await page.locator('.event[aria-current]').waitFor();
}

async function askWhy(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Item 0 failed/ }).click();
  await says(page, 'dialog[open]', 'Retry it');
}

async function fitsPhone(page: Page, path: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize(PHONE);
  // Elements that depend on their width are drawn a moment later.
  await eventually(async () => {
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect({ path, width }).toEqual({ path, width: PHONE.width });
  });
  if (before) await page.setViewportSize(before);
}

describe.skipIf(!hasChromium)(pageTitle('the page, for everybody,'), () => {
  it.each<View>([
    { name: 'the sets', path: () => '/', ready: '.set', text: 'done' },
    {
      name: 'a set',
      path: () => `/sets/${done.id}`,
      ready: '.row-said',
      text: 'Gate 0, please.',
      more: playInPast,
    },
    {
      name: 'a refused set',
      path: () => `/sets/${refused.id}`,
      ready: '.problems',
      text: 'it has no items',
    },
    {
      name: 'a failing set',
      path: () => `/sets/${failing.id}`,
      ready: '.row-why',
      text: 'Bad SSML.',
      more: askWhy,
    },
    { name: 'a new set', path: () => '/new', ready: '.legend', text: 'new' },
    { name: 'the quota', path: () => '/quota', ready: '.u-legend', text: 'used' },
    { name: 'the money', path: () => '/money', ready: '.u-legend', text: 'spent' },
  ])(
    'shows $name with nothing serious for axe to find, light or dark, and on a phone without scrolling sideways',
    async ({ path, ready, text, more }) => {
      const page = await open(path(), ready, text);
      expect(await seriousFindings(page)).toEqual([]);
      await fitsPhone(page, path());
      if (more) {
        await more(page);
        expect(await seriousFindings(page)).toEqual([]);
      }
      await page.context().close();
    },
  );

  it('follows the system from light to dark', async () => {
    const page = await open('/money', '.u-legend', 'spent');
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
    await page.context().close();
  });
});

/** The findings of axe that keep someone from using the page; a line for each. */
async function seriousFindings(page: Page): Promise<string[]> {
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
