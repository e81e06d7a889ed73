/** The page without a token that allows it anything, or without an answer. */
import { hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageSuite, says } from '../page-browser.ts';
import { SetOf } from '../world.ts';

const suite = pageSuite();
let set: SetOf;
beforeAll(async () => {
  set = await new SetOf(suite.world, 'secret').accept();
});

const REFUSALS: Readonly<Record<string, object>> = {
  '': { status: 401, json: { code: 'unauthorized', detail: 'the request has no bearer token' } },
  'Bearer old': {
    status: 401,
    json: { code: 'unauthorized', detail: 'the token is refused: it has expired' },
  },
  'Bearer bare': { status: 403, json: { code: 'scope-missing', detail: 'this needs the scope read' } },
};

/** Opens a page whose console seems to require a token. */
async function open(path: string): Promise<Page> {
  const page = await suite.newPage();
  await page.route('**/api/v1/**', (route) => {
    const refusal = REFUSALS[route.request().headers().authorization ?? ''];
    return refusal ? route.fulfill(refusal) : route.continue();
  });
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'sessionStorage', {
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
  await page.goto(path);
  return page;
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(!hasChromium)(pageTitle('the page'), () => {
  it.each(['/', '/sets/:id', '/money', '/quota'])(
    'asks at %s for a token, says why one was refused, and shows the view with a valid one, stored or not',
    async (view) => {
      const page = await open(view.replace(':id', set.id));
      await says(page, 'form', 'Sign in');
      expect(await page.getByRole('alert').count()).toBe(0);
      await signIn(page, 'old');
      await says(page, '[role=alert]', 'it has expired');
      await signIn(page, 'Bearer “bare”\u200b');
      await says(page, '[role=alert]', 'This needs the scope read.');
      await signIn(page, 'good');
      await says(page, 'h1', { '/': 'Sets', '/money': 'Money', '/quota': 'Quota' }[view] ?? 'secret');
      expect(await page.getByLabel('Token').count()).toBe(0);
      await says(page, '.live', 'Live');
      await page.context().close();
    },
  );

  it('stops fetching the sets once it is refused for good, until someone signs in', async () => {
    // Not a view, since every view but a set's own fetches the sets, as soon as it has been drawn.
    const page = await open('/icon.svg');
    let asked = 0;
    page.on('request', (request) => void (request.url().includes('/sets?') && asked++));
    await page.clock.install();
    await page.goto('/');
    await says(page, 'form', 'Sign in');
    await page.clock.runFor(60_000);
    // Once this is answered, every earlier request of the page has been counted.
    await page.evaluate("fetch('/icon.svg').then((answer) => answer.text())");
    expect(asked).toBe(1);
    await signIn(page, 'good');
    await says(page, '.set', 'secret');
    await page.context().close();
  });

  it('says at /quota why there is nothing to show, or nothing newer, until there is', async () => {
    const page = await suite.newPage();
    const quota = '**/api/v1/quota*';
    const refusal = { status: 503, headers: { 'retry-after': '1' }, json: { detail: 'not now' } };
    await page.route(quota, (route) => route.fulfill(refusal));
    await page.goto('/quota');
    await says(page, 'p', 'Not now.');
    await page.unroute(quota);
    await says(page, 'h1', 'Quota');
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.route(quota, (route) => route.fulfill(refusal));
    await says(page, '[role=alert]', 'Not now.');
    await says(page, 'h1', 'Quota');
    await page.unroute(quota);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.context().close();
  });
});
