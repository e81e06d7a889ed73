/** How often the page fetches what it shows, and that it retries after a refusal. */
import { eventually, hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { pageSuite, says } from '../page-browser.ts';
import { SetOf, seen } from '../world.ts';

const suite = pageSuite();

/** Starts a set with this name. */
async function running(name: string, items: number): Promise<SetOf> {
  const set = await new SetOf(suite.world, name, items).accept();
  const url = `${suite.world.url}/api/v1/sets/${set.id}`;
  await seen<{ counts?: { requested: number } }>(url, ({ counts }) => counts?.requested === items);
  return set;
}

/** Opens a page at this address. @returns it, and the paths that it requests */
async function open(path: string): Promise<{ page: Page; asked: string[] }> {
  const page = await suite.newPage();
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
  await page.goto(path);
  return { page, asked };
}

describe.skipIf(!hasChromium)(pageTitle('the page'), () => {
  it.each(['/', '/sets/:id'])('backs off at %s if every stream tells it to start over', async (view) => {
    const { id } = await running('reset', 3);
    const page = await suite.newPage();
    await page.route(/\/(sets\?|states$)/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), position: 7 } });
    });
    const listened: number[] = [];
    await page.route('**/api/v1/live*', async (route) => {
      listened.push(performance.now());
      await route.fulfill({ contentType: 'text/event-stream', body: 'id: 7\nevent: reset\ndata: {}\n\n' });
    });
    await page.goto(view.replace(':id', id));
    const [first = 0, , , fourth = 0] = await eventually(async () => {
      expect(listened.length).toBeGreaterThan(3);
      return listened;
    });
    expect(fourth - first).toBeGreaterThan(1_700);
    await page.context().close();
  });

  it('shows and counts the sets that have come, says why others have not, and fetches no page of them twice', async () => {
    const { id } = await running('newest', 1);
    const summary = await seen<{ setId: string }>(`${suite.world.url}/api/v1/sets/${id}`, () => true);
    const page = await suite.newPage();
    const asked: string[] = [];
    const counted = Promise.withResolvers<void>();
    const refusal = { status: 503, headers: { 'retry-after': '1' }, json: { detail: 'not just now' } };
    await page.route('**/api/v1/sets?*', async (route) => {
      const cursor = new URL(route.request().url()).searchParams.get('cursor') ?? 'first';
      asked.push(cursor);
      const older = { ...summary, setId: `${cursor}-older`, set: { name: `${cursor}-older` } };
      if (cursor === 'first') await route.fulfill({ json: { sets: [summary], position: 0, next: 'second' } });
      else if (asked.length === 2) await route.fulfill(refusal);
      else {
        await counted.promise;
        await route.fulfill({ json: { sets: [older], position: 0 } });
      }
    });
    await page.goto('/');
    await says(page, '.hint', 'Not just now.');
    await says(page, '.set', 'newest');
    const count = (sets: string) => page.locator('.tools [role=status]', { hasText: sets });
    await page.getByLabel('Search names').fill('older');
    await count('0 sets').waitFor({ state: 'attached' });
    counted.resolve();
    await count('1 set').waitFor({ state: 'attached' });
    await says(page, '.set', 'second-older');
    await page.locator('.hint', { hasText: 'Not just now.' }).waitFor({ state: 'detached' });
    expect(asked).toEqual(['first', 'second', 'second']);
    await page.context().close();
  });

  it('fetches money even while a set keeps changing', async () => {
    const set = await running('spending', 1_000);
    const { page } = await open('/money');
    await says(page, 'h1', 'Money');
    const before = await page.locator('.figures').innerText();
    let done = 0;
    const further = async (): Promise<void> => {
      await set.complete(done++);
      expect(await page.locator('.figures').innerText()).not.toBe(before);
    };
    await eventually(further, { everyMs: 200 });
    await page.context().close();
  });

  it('fetches the past of a running set at intervals, not with every event, and scrolls nobody away', async () => {
    const set = await running('going', 1_000);
    const { page, asked } = await open(`/sets/${set.id}`);
    await page.getByRole('tab', { name: 'Past' }).click();
    await says(page, '.events-title', '1,001 events');
    await says(page, '.event[aria-current]', 'item 999 requested');
    await page.evaluate("document.querySelector('[aria-label=Events]').scrollTop = 0");
    const begun = performance.now();
    for (let done = 0; performance.now() - begun < 6_000; done++) {
      await set.complete(done);
      await page.evaluate('new Promise(requestAnimationFrame)');
    }
    const seconds = (performance.now() - begun) / 1_000;
    const timelines = asked.filter((path) => path.endsWith('/timeline'));
    expect(timelines.length).toBeLessThan(3 + seconds / 5);
    await page.locator('.events-title', { hasNotText: '1,001 events' }).waitFor();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    expect(await page.evaluate("document.querySelector('[aria-label=Events]').scrollTop")).toBe(0);
    await page.context().close();
  });

  it('fetches a past that takes long less often', async () => {
    const set = await running('long', 200);
    const page = await suite.newPage();
    await page.clock.install();
    let asked = 0;
    await page.route('**/timeline', async (route) => {
      asked++;
      if (asked === 2) await page.clock.runFor(3_000);
      await route.continue();
    });
    await page.goto(`/sets/${set.id}`);
    await page.getByRole('tab', { name: 'Past' }).click();
    await says(page, '.events-title', '201 events');
    await page.clock.pauseAt(Date.now() + 30_000);
    let done = 0;
    /** Completes items, and has this much time pass after each, until the past is asked for again. @returns how many */
    const untilAsked = (times: number, ms: number): Promise<number> => {
      const before = done;
      return eventually(async () => {
        if (asked >= times) return done - before;
        await set.complete(done++);
        await page.clock.runFor(ms);
        return false;
      });
    };
    await untilAsked(2, 100);
    await page.locator('.events-title', { hasNotText: '201 events' }).waitFor();
    expect(await untilAsked(3, 1_000)).toBeGreaterThanOrEqual(30);
    await page.context().close();
  });

  it.each([
    ['Now is chosen', true],
    ['the set has ended', false],
  ])('fetches a past that takes long once %s, whatever pause is left', async (_, isPast) => {
    const set = await running('hasty', 2);
    const page = await suite.newPage();
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 30_000);
    await page.route('**/timeline', async (route) => {
      await page.clock.runFor(7_000);
      await route.continue();
    });
    /** So little time passes for the page meanwhile that no pause ends. */
    const untilSays = (selector: string, text: string): Promise<boolean> =>
      eventually(async () => {
        await page.clock.runFor(1);
        return (await page.locator(selector, { hasText: text }).count()) > 0;
      });
    await page.goto(`/sets/${set.id}`);
    await untilSays('h1', 'hasty');
    await page.getByRole('tab', { name: 'Past' }).dispatchEvent('click');
    await untilSays('.events-title', '3 events');
    if (isPast) await page.locator('.event', { hasText: 'item 0 requested' }).dispatchEvent('click');
    if (isPast) await untilSays('.event[aria-current]', 'item 0 requested');
    for (const index of [0, 1]) await set.complete(index);
    await untilSays('.head .chip', 'completed');
    if (isPast) await page.getByRole('button', { name: 'Now' }).dispatchEvent('click');
    await untilSays('.events-title', '6 events');
    await page.context().close();
  });

  it('starts over with the list of sets as well if the stream of an opened set does', async () => {
    const { id } = await running('opened', 1);
    const { page, asked } = await open('/');
    await says(page, '.set', 'opened');
    await page.route('**/live?set=*', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: 'id: 7\nevent: reset\ndata: {}\n\n' }),
    );
    await page.locator('.set', { hasText: 'opened' }).click();
    // The set is fetched again: its stream has been reset.
    await eventually(() => asked.filter((path) => path.endsWith(`${id}/states`)).length > 1);
    const listed = (): number => asked.filter((path) => path.endsWith('/sets')).length;
    const before = listed();
    const listens = page.waitForRequest('**/live?');
    await page.locator('.crumb a').click();
    await listens;
    expect(listed()).toBe(before + 1);
    await page.context().close();
  });

  it('shows the money of the chosen moment, not a late answer for another one', async () => {
    const set = await running('moments', 3);
    for (const index of [0, 1]) await set.complete(index);
    const { page } = await open(`/sets/${set.id}`);
    await page.getByRole('tab', { name: 'Past' }).click();
    await says(page, '.events-title', '6 events');
    const release = Promise.withResolvers<void>();
    let isFirst = true;
    await page.route('**/as-of/*', async (route) => {
      if (isFirst) {
        isFirst = false;
        await release.promise;
      }
      await route.continue();
    });
    const late = page.waitForRequest('**/as-of/*');
    await page.locator('.event', { hasText: 'item 0 paid' }).click();
    const first = await late;
    const over = Promise.withResolvers<void>();
    const isOver = (request: typeof first): void => void (request === first && over.resolve());
    page.on('requestfinished', isOver);
    page.on('requestfailed', isOver);
    await page.locator('.event', { hasText: 'item 2 requested' }).click();
    await says(page, '.hint', '$0.00 spent');
    release.resolve();
    await over.promise;
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    await says(page, '.hint', '$0.00 spent');
    await page.getByRole('button', { name: 'Now' }).focus();
    await page.keyboard.press('Enter');
    await says(page, 'button[aria-disabled=true]:focus', 'Now');
    await page.context().close();
  });

  it.each(['validate', 'plan'])('retries a draft’s %s after a refusal', async (what) => {
    const page = await suite.newPage();
    const refusal = { status: 503, headers: { 'retry-after': '1' }, json: { detail: 'not just now' } };
    await page.route(new RegExp(`/${what}\\?`), (route) => route.fulfill(refusal));
    await page.goto('/new');
    await says(page, '.verdict', 'Not just now.');
    await page.unrouteAll();
    await says(page, '.submit[aria-disabled=false]', 'Submit 2 items');
    await says(page, '.verdict', 'No problems found');
    await page.context().close();
  });
});
