/** Accessibility of the page: keyboard, screen reader, zoom. The numbers are success criteria of WCAG. */
import { eventually, hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { pageSuite, says } from '../page-browser.ts';
import { SetOf, seen } from '../world.ts';

const suite = pageSuite();

/** Opens a page on a new set with one done item; the others failed. */
async function open(name: string, items: number): Promise<Page> {
  const set = await new SetOf(suite.world, name, items).accept();
  await set.complete(0);
  for (let index = 1; index < items; index++) await set.fail(index);
  const url = `${suite.world.url}/api/v1/sets/${set.id}`;
  await seen<{ state?: string }>(url, ({ state }) => state === 'completed');
  const page = await suite.newPage();
  await page.goto(`/sets/${set.id}`);
  await says(page, '.row', 'Gate 0, please.');
  return page;
}

describe.skipIf(!hasChromium)(pageTitle('the page is accessible: it'), () => {
  it('scrolls the focused element out from under the header (2.4.11)', async () => {
    const page = await open('hidden', 2);
    await page.setViewportSize({ width: 390, height: 420 });
    await page.evaluate("scrollTo(0, document.querySelector('.crumb').getBoundingClientRect().top)");
    await page.locator('.crumb a').focus();
    const isSeen = await page.evaluate(
      "document.activeElement.getBoundingClientRect().top >= document.querySelector('.top').getBoundingClientRect().bottom",
    );
    expect(isSeen).toBe(true);
    await page.context().close();
  });

  it('has a title even at an unknown address (2.4.2)', async () => {
    const page = await suite.newPage();
    for (const [path, words] of [
      ['/money', 'Money · Setlist'],
      ['/nothing', 'Nothing here · Setlist'],
      ['/sets/missing', 'missing · Setlist'],
    ] as const) {
      await page.goto('/money');
      await says(page, 'h1', 'Money');
      await page.evaluate(
        `history.pushState(null, '', '${path}'), dispatchEvent(new PopStateEvent('popstate'))`,
      );
      await eventually(async () => expect(await page.title()).toBe(words));
    }
    await page.context().close();
  });

  it('keeps the focus nearby when a button removes itself, and in the view on going back (2.4.3)', async () => {
    const page = await open('retried', 2);
    await page.getByRole('button', { name: 'Retry all failed' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Retry all failed' }).waitFor({ state: 'detached' });
    await page.locator('main:focus').waitFor();
    await page.getByRole('link', { name: 'Quota' }).click();
    await says(page, 'h1', 'Quota');
    await page.evaluate('document.activeElement.blur()');
    await page.goBack();
    await says(page, 'h1', 'retried');
    await page.locator('main:focus').waitFor();
    await page.context().close();
  });

  it('takes the focus from a closed notice back to where it was, and Enter that is held presses nothing there (2.4.3)', async () => {
    const page = await open('refused', 2);
    const json = { detail: 'not just now', remedy: 'ask again' };
    await page.route('**/retry', (route) => route.fulfill({ status: 503, json }));
    const retry = page.getByRole('button', { name: 'Retry all failed' });
    const close = page.getByRole('button', { name: 'Close this notice' });
    await retry.press('Enter');
    await close.focus();
    await page.evaluate("clicks = 0, addEventListener('click', () => clicks++)");
    await page.keyboard.down('Enter');
    await says(page, 'button:focus', 'Retry all failed');
    // Held down, it repeats.
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    expect(await page.evaluate('clicks')).toBe(1);

    await retry.press('Enter');
    await page.locator('summary', { hasText: 'Download' }).press('Enter');
    await page.keyboard.press('Tab');
    await says(page, 'a:focus', 'All audio');
    // The click closes the menu, to which the focus then can't go back.
    await close.click();
    await page.locator('main:focus').waitFor();
    await page.context().close();
  });

  it('leaves the focus where a click beside all controls has put it', async () => {
    const page = await open('beside', 2);
    const json = { detail: 'not just now', remedy: 'ask again' };
    await page.route('**/retry', (route) => route.fulfill({ status: 503, json }));
    const retry = page.getByRole('button', { name: 'Retry all failed' });
    await retry.press('Enter');
    await page.getByRole('button', { name: 'Close this notice' }).focus();
    await page.locator('.notice p').click();
    // The same refusal again replaces the notice.
    await page.evaluate("document.querySelector('.notice').id = 'first'");
    await retry.dispatchEvent('click');
    await page.locator('#first').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
    await page.context().close();
  });

  it('lets Tab leave a long list after the controls of one row, and arrows go on from them (2.1.1)', async () => {
    const page = await open('long', 60);
    await page.locator('.list').focus();
    for (const [key, row] of [
      ['ArrowDown', '0'],
      ['ArrowDown', '1'],
      ['Tab', '1'],
      ['Tab', '1'],
      ['ArrowDown', '2'],
      ['Tab', '2'],
      ['Tab', '2'],
      ['Tab', '2'],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(`[data-at="${row}"]:focus-within`).waitFor();
    }
    await page
      .getByRole('grid', { name: 'Items' })
      .getByRole('row')
      .nth(2)
      .locator('[data-at="2"]')
      .waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.closest('.list')")).toBe(null);
    await page.getByRole('button', { name: 'Retry item 3' }).focus();
    await page.keyboard.press('End');
    await page.locator('[data-at="59"]:focus').waitFor();
    await page.context().close();
  });

  it('announces the number of items or sets when the filter changes, not with each completed item (4.1.3)', async () => {
    const set = await new SetOf(suite.world, 'counted', 3).accept();
    const page = await suite.newPage();
    await page.goto(`/sets/${set.id}`);
    await says(page, '.row', 'Gate 2, please.');
    const said = page.locator('.tools [role=status]');
    await page.getByRole('button', { name: /^Done/ }).click();
    await page.locator('.tools [role=status]', { hasText: '0 items' }).waitFor({ state: 'attached' });
    for (const index of [0, 1]) await set.complete(index);
    await says(page, '.choices button', 'Done 2');
    expect(await said.innerText()).toBe('0 items');
    await page.getByRole('button', { name: /^To go/ }).click();
    await page.locator('.tools [role=status]', { hasText: '1 item' }).waitFor({ state: 'attached' });
    await page.getByRole('link', { name: 'Sets' }).first().click();
    await page.getByLabel('Search names').fill('no such set');
    await page.locator('.tools [role=status]', { hasText: '0 sets' }).waitFor({ state: 'attached' });
    await page.context().close();
  });

  it('announces a notice alone, not again with the next one (4.1.3)', async () => {
    const page = await suite.newPage();
    await page.goto('/');
    await page.locator('.notices').waitFor({ state: 'attached' });
    const devtools = await page.context().newCDPSession(page);
    const { nodes } = await devtools.send('Accessibility.getFullAXTree');
    const { properties = [] } = nodes.find(({ name }) => name?.value === 'Notices') ?? {};
    const said = Object.fromEntries(properties.map(({ name, value }) => [name, value.value]));
    expect(said).toMatchObject({ live: 'polite', atomic: false });
    await page.context().close();
  });

  it('leaves keys pressed with Ctrl or Alt to the browser, and single keys too once they are turned off (2.1.4)', async () => {
    const page = await open('pressed', 2);
    const wishes: unknown[] = [];
    await page.route('**/retry', (route) => {
      wishes.push(route.request().postDataJSON());
      return route.fulfill({ status: 503, json: { detail: 'not just now', remedy: 'ask again' } });
    });
    const press = async (key: string): Promise<void> => {
      await page.locator('.list-row', { hasText: 'Gate 1, please.' }).focus();
      await page.keyboard.press(key);
    };
    const setSingleKeys = async (on: boolean): Promise<void> => {
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await page.getByLabel('Enable single-key shortcuts').setChecked(on);
      await page.keyboard.press('Escape');
    };
    const isTicked = (): Promise<boolean> => page.getByLabel('Choose item 1').isChecked();
    for (const key of ['Control+r', 'Control+x']) await press(key);
    expect(await isTicked()).toBe(false);
    await setSingleKeys(false);
    for (const key of ['r', 'x']) await press(key);
    expect(await isTicked()).toBe(false);
    await setSingleKeys(true);
    await press('x');
    await page.keyboard.down('r');
    // Held down, it repeats.
    await page.keyboard.down('r');
    expect(await isTicked()).toBe(true);
    await says(page, '.notice-refused', 'Not just now.');
    expect(wishes).toEqual([{ indexes: [1] }]);
    await page.getByRole('tab', { name: 'Items' }).focus();
    await page.keyboard.press('Alt+ArrowLeft');
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Items');
    await page.context().close();
  });

  it('fits a screen of 320 px, including its list of shortcuts (1.4.10, 2.1.4)', async () => {
    const page = await open('narrow', 2);
    await page.setViewportSize({ width: 320, height: 640 });
    const items = Array.from({ length: 200_000 }, (_, at) => [at + 2, at, 'r', 0]);
    await page.route('**/timeline', (route) => route.fulfill({ json: { from: 0, items, life: [] } }));
    await page.getByRole('tab', { name: 'Past' }).click();
    await says(page, '.events-title', '200,000 events');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await says(page, 'dialog[open] h2', 'Keyboard');
    await page.context().close();
  });
});
