/** The accessibility of the console's page: keyboard alone, on a phone, light and dark, with assistive technology. */
import { eventually, hasChromium, type Page, pageTitle, setFaults } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hears,
  PATIENCE_MS,
  type PageWorld,
  says,
  seriousFindings,
  setIdOf,
  startPageWorld,
} from './console-page.ts';
import { setFile } from './system.ts';

const PHONE = { width: 390, height: 844 };

let world: PageWorld;
beforeAll(async () => {
  if (!hasChromium) return;
  world = await startPageWorld();
  await world.system.drop('lines.yml', setFile('lines', 30));
  await world.system.drop('refused.yml', setFile('refused', 1).replace('Joanna', 'Nobody'));
  await world.system.completed('lines', PATIENCE_MS);
  await setFaults(world.system, { serverError: 1 });
  await world.system.drop('failing.yml', setFile('failing', 2));
  await world.system.completed('failing', PATIENCE_MS);
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Every view, and the text that shows that it is complete. */
const views = async (): Promise<readonly [path: string, ready: string, text: RegExp][]> => [
  ['/', '.set', /lines/],
  [`/sets/${await setIdOf(world, 'lines')}`, '.row-said', /Item 0 of lines/],
  [`/sets/${await setIdOf(world, 'refused')}`, '.problems', /./],
  [`/sets/${await setIdOf(world, 'failing')}`, '.row-why', /./],
  ['/new', '.legend', /new/],
  ['/quota', '.u-legend', /used/],
  ['/money', '.u-legend', /spent/],
];

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

describe.skipIf(!hasChromium)(pageTitle('the console’s page for everybody'), () => {
  test('axe finds nothing serious on any view, light or dark, and each fits a phone without scrolling sideways', async () => {
    const findings: string[] = [];
    for (const [path, ready, text] of await views()) {
      const page = await world.open(path);
      await says(page, ready, text);
      findings.push(...(await seriousFindings(page)).map((finding) => `${path}: ${finding}`));
      await fitsPhone(page, path);
      if (path.includes('lines')) {
        await page.getByRole('button', { name: 'Play item 0' }).click();
        await page.getByRole('tab', { name: 'Past' }).click();
        await says(page, '.event[aria-current]', /./);
        findings.push(...(await seriousFindings(page)).map((finding) => `past: ${finding}`));
      }
      if (path.includes('failing')) {
        await page.getByRole('button', { name: /^Item 0 failed/ }).click();
        await says(page, 'dialog[open]', 'Retry it');
        findings.push(...(await seriousFindings(page)).map((finding) => `why: ${finding}`));
      }
      await page.context().close();
    }
    expect(findings).toEqual([]);
  });

  test('the page follows the system from light to dark', async () => {
    const page = await world.open('/money');
    await says(page, '.u-legend', /spent/);
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
    await page.context().close();
  });

  test('a set is found, opened, played, replayed and left by keyboard alone, with visible focus', async () => {
    const page = await world.open('/');
    await says(page, '.set', /lines/);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toEqual({ text: 'Skip to content', isInSight: true });
    await page.keyboard.press('Enter');
    await page.keyboard.press('/');
    await page.keyboard.type('lines');
    await tabTo(page, /^lines/);
    await page.keyboard.press('Enter');
    await says(page, 'h1', 'lines');
    await says(page, '.row-said', 'Item 0 of lines');
    await tabTo(page, /^Items$/);
    await page.keyboard.press('ArrowRight');
    await says(page, '.event[aria-current]', /./);
    await tabTo(page, /^Moment$/);
    await page.keyboard.press('Home');
    await says(page, '.legend', /30 to go/);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowLeft');
    await page.locator('[role="grid"][aria-label="Items"]').waitFor();
    await tabTo(page, /^Items$/);
    await page.keyboard.press('End');
    await page.locator('[data-at="29"]:focus').waitFor();
    const { width = 0, height = 0 } = page.viewportSize() ?? {};
    await page.setViewportSize({ width, height: height + 300 });
    await page.locator('[data-at="29"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await hears(page);
    await page.keyboard.press('?');
    await says(page, 'dialog[open]', 'Keyboard');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await says(page, 'h1', 'Money');
    await page.context().close();
  });
});

/** The focused element, and whether its focus is visible. */
const focused = (page: Page): Promise<{ text: string; isInSight: boolean }> =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { top, bottom } = element.getBoundingClientRect();
    const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    const text = (element.getAttribute('aria-label') ?? element.innerText).trim();
    return { text, isInSight: isOutlined && bottom > 0 && top < innerHeight };
  })()`);

const MOST_TABS = 60;

async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate('document.activeElement === document.body')) continue;
    const { text, isInSight } = await focused(page);
    expect({ text, isInSight }).toEqual({ text, isInSight: true });
    if (name.test(text)) return;
  }
  throw new Error(`${MOST_TABS} tabs did not lead to ${name}`);
}
