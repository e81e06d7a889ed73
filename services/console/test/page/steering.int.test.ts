/** Steering a set in the page: by keyboard, and when the console refuses. */
import { hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { pageSuite, says } from '../page-browser.ts';
import { SetOf, seen } from '../world.ts';

const suite = pageSuite();

/** Opens a page on a running set with this name. */
async function open(name: string): Promise<Page> {
  const { id } = await new SetOf(suite.world, name).accept();
  await seen<{ state?: string }>(`${suite.world.url}/api/v1/sets/${id}`, ({ state }) => state === 'running');
  const page = await suite.newPage();
  await page.goto(`/sets/${id}`);
  await says(page, 'h1', name);
  return page;
}

describe.skipIf(!hasChromium)(pageTitle('the page of a set'), () => {
  it('still shows the set’s priority after a change was refused', async () => {
    const page = await open('refused');
    const json = { detail: 'not for you', remedy: 'ask' };
    await page.route('**/prioritize', (route) => route.fulfill({ status: 403, json }));
    const priority = page.getByLabel('Priority');
    await priority.selectOption('high');
    await says(page, '.notice', 'Not for you.');
    expect(await priority.inputValue()).toBe('normal');
    await page.context().close();
  });

  it('keeps the focus on the button that pauses and resumes it', async () => {
    const page = await open('paused');
    await page.getByRole('button', { name: 'Pause' }).focus();
    for (const next of ['Resume', 'Pause']) {
      await page.keyboard.press('Enter');
      await says(page, 'button:focus', next);
    }
    await page.context().close();
  });

  it('retries the ticked items that are still failed, and keeps the ticks if it is refused', async () => {
    const set = await new SetOf(suite.world, 'ticked').accept();
    for (const index of [0, 1, 2]) await set.fail(index);
    const page = await suite.newPage();
    await page.goto(`/sets/${set.id}`);
    for (const index of [0, 1, 2]) await page.getByLabel(`Choose item ${index}`).check();
    await says(page, '.main', 'Retry 3 items');
    await page.getByRole('button', { name: 'Retry item 1' }).click();
    await says(page, '.notice', 'Item 1 requested again.');
    await set.complete(1, undefined, 2);
    const retry = page.getByRole('button', { name: 'Retry 2 items' });
    await retry.waitFor();
    const json = { detail: 'not just now', remedy: 'ask again' };
    await page.route('**/retry', (route) => route.fulfill({ status: 503, json }), { times: 1 });
    await retry.click();
    await says(page, '.notice-refused', 'Not just now.');
    await retry.click();
    await says(page, '.notice', '2 items requested again.');
    for (const index of [0, 2]) await set.complete(index, undefined, 2);
    await page.context().close();
  });

  it('has a menu of downloads that Escape or a click elsewhere closes', async () => {
    const page = await open('menu');
    const menu = page.locator('.menu-list');
    await page.locator('summary', { hasText: 'Download' }).focus();
    await page.keyboard.press('Enter');
    await menu.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'hidden' });
    await says(page, 'summary:focus', 'Download');
    await page.keyboard.press('Enter');
    await menu.waitFor();
    await page.locator('h1').click();
    await menu.waitFor({ state: 'hidden' });
    await page.context().close();
  });

  it('says why there is no manifest to download', async () => {
    const set = await new SetOf(suite.world, 'bare', 1).accept();
    await set.complete(0);
    const page = await suite.newPage();
    await page.goto(`/sets/${set.id}`);
    await says(page, '.head .chip', 'completed');
    await page.locator('summary', { hasText: 'Download' }).click();
    await page.getByRole('link', { name: 'Manifest (CSV)' }).click();
    await says(page, '.notice', 'Fetching bare-manifest.csv…');
    await says(page, 'summary:focus', 'Download');
    await says(page, '.notice-refused', 'manifest');
    await page.context().close();
  });
});
