/** The submission of a draft in the page: once, at the price that was shown, whatever happens meanwhile. */
import { hasChromium, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { openEditor, pageSuite, says, write } from '../page-browser.ts';
import { SetOf } from '../world.ts';

const suite = pageSuite();

describe.skipIf(!hasChromium)(pageTitle('a draft that is submitted'), () => {
  it('still has changes if it was edited while it was being submitted, which calls back nobody who has left', async () => {
    const { id: setId } = await new SetOf(suite.world, 'submitted').accept();
    const page = await openEditor(suite);
    const release = Promise.withResolvers<void>();
    await page.route('**/sets?fileName=*', async (route) => {
      await release.promise;
      await route.fulfill({ status: 202, json: { setId } });
    });
    await page.locator('.submit').click();
    await says(page, '.submit', 'Submitting…');
    await write(page, 'meanwhile');
    const visit = (name: string) => page.getByRole('link', { name, exact: true }).click();
    for (const view of ['Money', 'New set']) await visit(view);
    await says(page, '.submit', 'Submitting…');
    await visit('Money');
    const found = page.waitForResponse((answer) => answer.ok() && answer.url().endsWith(`/sets/${setId}`));
    release.resolve();
    await (await found).finished();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    expect(await page.locator('h1').innerText()).toBe('Money');
    const kept = JSON.parse(await page.evaluate<string>("sessionStorage.getItem('setlist-draft')"));
    expect(kept).toMatchObject({ text: expect.stringContaining('meanwhile'), isChanged: true });
    await page.context().close();
  });

  it('can be submitted from another tab too, even a duplicate, as a run of its own', async () => {
    const { id: setId } = await new SetOf(suite.world, 'twice').accept();
    const one = await openEditor(suite);
    await write(one, 'in both');
    const another = await one.context().newPage();
    await another.goto('/new');
    await says(another, '.cm-content', 'in both');
    const [duplicate] = await Promise.all([one.waitForEvent('popup'), one.evaluate("void open('/new')")]);
    const keys = new Set<string | undefined>();
    for (const page of [one, another, duplicate]) {
      await page.route('**/sets?fileName=*', async (route) => {
        keys.add(route.request().headers()['idempotency-key']);
        await route.fulfill({ status: 202, json: { setId } });
      });
      await page.locator('.submit').click();
      await says(page, 'h1', 'twice');
    }
    expect(keys.size).toBe(3);
    await one.context().close();
  });

  it('is still the same submission if its answer was lost and the page reloaded, and Submit keeps the focus', async () => {
    const { id: setId } = await new SetOf(suite.world, 'lost').accept();
    const page = await openEditor(suite);
    await write(page, 'sent');
    const keys: (string | undefined)[] = [];
    const release = Promise.withResolvers<void>();
    await page.route('**/sets?fileName=*', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.fulfill({ status: 202, json: { setId } });
      await release.promise;
      await route.abort();
    });
    await says(page, '.submit[aria-disabled=false]', 'Submit 2 items');
    await page.locator('.submit').press('Enter');
    await says(page, '.submit', 'Submitting…');
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    await page.keyboard.press('Enter');
    release.resolve();
    await says(page, '.notice-refused', 'can’t be reached');
    await says(page, '.submit:focus', 'Submit 2 items');
    await page.reload();
    await page.locator('.submit').click();
    await says(page, 'h1', 'lost');
    expect(keys).toEqual([keys[0], keys[0]]);
    await page.context().close();
  });

  it('can be submitted again if its answer was lost, although the plan counts its own set against the month’s limit', async () => {
    const { id: setId } = await new SetOf(suite.world, 'counted').accept();
    const page = await suite.newPage();
    await page.clock.install();
    let tries = 0;
    const problem = { line: 1, column: 1, path: 'set', code: 'cost', message: 'too dear', remedy: 'wait' };
    await page.route('**/plan?*', async (route) => {
      const response = await route.fetch();
      const counted = tries > 0 ? { problem, estimatedUsd: '0' } : {};
      await route.fulfill({ response, json: { ...(await response.json()), ...counted } });
    });
    await page.route('**/sets?fileName=*', (route) => {
      tries++;
      return tries === 1 ? route.abort() : route.fulfill({ status: 202, json: { setId } });
    });
    await page.goto('/new');
    await page.locator('.submit[aria-disabled=false]').click();
    await says(page, '.notice-refused', 'can’t be reached');
    await page.clock.fastForward('01:01');
    const renewed = page.waitForResponse('**/plan?*');
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await (await renewed).finished();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    expect(await page.locator('.submit').getAttribute('aria-disabled')).toBe('false');
    const planned = page.waitForResponse('**/plan?*');
    await page.reload();
    await (await planned).finished();
    await says(page, '.submit', 'Submit 2 items');
    expect(await page.locator('.submit').getAttribute('aria-disabled')).toBe('false');
    await page.locator('.submit').click();
    await says(page, 'h1', 'counted');
    await page.context().close();
  });

  it('is not submitted if it has become dearer than the plan that is shown, which is renewed when it is seen again', async () => {
    const { id: setId } = await new SetOf(suite.world, 'dearer').accept();
    const page = await suite.newPage();
    await page.clock.install();
    let estimatedUsd = '0';
    await page.route('**/plan?*', async (route) => {
      const response = await route.fetch();
      const priced = { ...(await response.json()), provider: 'polly', estimatedUsd };
      await route.fulfill({ response, json: priced });
    });
    let submitted = 0;
    await page.route('**/sets?fileName=*', (route) => {
      submitted++;
      return route.fulfill({ status: 202, json: { setId } });
    });
    await page.goto('/new');
    await says(page, '.plan-price', '$0.00');
    estimatedUsd = '1';
    await page.clock.fastForward('01:01');
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await says(page, '.plan-price', '$1.00');
    estimatedUsd = '16';
    await page.clock.fastForward('01:01');
    await page.locator('.submit').click();
    await says(page, '.notice-refused', 'The price has risen from $1.00 to $16.00');
    await says(page, '.plan-price', '$16.00');
    expect(submitted).toBe(0);
    await page.locator('.submit[aria-disabled=false]').click();
    await says(page, 'h1', 'dearer');
    expect(submitted).toBe(1);
    await page.context().close();
  });
});
