/** The items of a set in the page: searching, playing, and very long lists. */
import { hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { pageSuite, says, silence } from '../page-browser.ts';
import { SetOf, seen } from '../world.ts';

const suite = pageSuite();

/** Makes a blank page, and a set with this name and two done items. */
async function made(name: string): Promise<{ page: Page; set: SetOf; path: string }> {
  const set = await new SetOf(suite.world, name).accept();
  for (const index of [0, 1]) await set.complete(index);
  const url = `${suite.world.url}/api/v1/sets/${set.id}`;
  await seen<{ counts?: { completed: number } }>(url, ({ counts }) => counts?.completed === 2);
  return { page: await suite.newPage(), set, path: `/sets/${set.id}` };
}

describe.skipIf(!hasChromium)(pageTitle('items in the page'), () => {
  it('are not shown for words that they don’t match, even if the search is refused', async () => {
    const { page, path } = await made('searched');
    const refusal = { status: 503, headers: { 'retry-after': '1' }, json: { detail: 'not just now' } };
    await page.route('**/matches?text=Gate%202', (route) => route.fulfill(refusal));
    await page.goto(path);
    await says(page, '.row-said', 'Gate 2, please.');
    const search = page.getByLabel('Search texts and files');
    await search.fill('Gate 0');
    await page.locator('.row-said', { hasText: 'Gate 2' }).waitFor({ state: 'detached' });
    await says(page, '.row-said', 'Gate 0, please.');
    await search.fill('Gate 2');
    await says(page, '.empty-row', 'Not just now.');
    expect(await page.locator('.row-said').count()).toBe(0);
    await page.unrouteAll();
    await says(page, '.row-said', 'Gate 2, please.');
    await page.context().close();
  });

  it('are found as they are requested, also by words that were searched before', async () => {
    const set = await new SetOf(suite.world, 'growing').accept(1);
    const page = await suite.newPage();
    await page.goto(`/sets/${set.id}`);
    await page.getByLabel('Search texts and files').fill('please');
    await says(page, '.row-said', 'Gate 0, please.');
    for (const index of [1, 2]) await set.request(index);
    await says(page, '.row-said', 'Gate 2, please.');
    await page.context().close();
  });

  it('play in the order of the clicks: a late one does not replace the next one', async () => {
    const { page, path } = await made('played');
    const release = Promise.withResolvers<void>();
    await page.route('**/items/*/audio-link', async (route) => {
      const index = route.request().url().split('/').at(-2);
      if (index === '0') await release.promise;
      await route.fulfill({ json: { url: `/audio/${index}`, file: `played/item-${index}.mp3` } });
    });
    await page.route('**/audio/*', (route) => route.fulfill({ contentType: 'audio/wav', body: silence() }));
    await page.goto(path);
    for (const index of [0, 1]) await page.getByRole('button', { name: `Play item ${index}` }).click();
    await says(page, '.player-name', 'item-1.mp3');
    const late = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/audio/0'));
    release.resolve();
    await late;
    // Audio that is decoded after it also arrives after it.
    await page.evaluate(`(async () => {
      const audio = await (await fetch('/audio/1')).arrayBuffer();
      await new OfflineAudioContext(1, 1, 44_100).decodeAudioData(audio);
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    })()`);
    expect(await page.locator('.player-name').innerText()).toContain('item-1.mp3');
    // Alt and an arrow are left to the browser, which goes back.
    const isLeft = await page.evaluate(`document.querySelector('.wave').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'ArrowLeft', altKey: true, bubbles: true, cancelable: true }))`);
    expect(isLeft).toBe(true);
    await page.locator('.player button').first().click();
    await page.getByRole('button', { name: 'Close the player' }).click();
    await page.locator('.list:focus').waitFor();
    await page.context().close();
  });

  it('play although they are too long to be decoded before, or can’t be; what can’t be played is named', async () => {
    const { page, path } = await made('long');
    await page.addInitScript(`decoded = 0;
      BaseAudioContext.prototype.decodeAudioData = async () => {
        decoded++;
        throw new DOMException('not at once', 'EncodingError');
      };`);
    await page.route('**/items/*/audio-link', (route) => {
      const index = route.request().url().split('/').at(-2);
      return route.fulfill({ json: { url: `/audio/${index}`, file: `long/item-${index}.mp3` } });
    });
    let body = silence();
    await page.route('**/audio/*', (route) => route.fulfill({ contentType: 'audio/wav', body }));
    await page.goto(path);
    const hear = (index: number): Promise<void> =>
      page.getByRole('button', { name: `Play item ${index}` }).click();
    await hear(0);
    await says(page, '.player-time', '/ 0.1 s');
    await page.locator('.wave path').first().waitFor();
    body = Buffer.concat([silence(), Buffer.alloc(5_000_000)]);
    await hear(1);
    await says(page, '.player-name', 'item-1.mp3');
    await says(page, '.player-time', '/ 0.1 s');
    expect(await page.evaluate('decoded')).toBe(1);
    expect(await page.locator('.notice').count()).toBe(0);
    body = Buffer.from('no audio');
    await hear(0);
    await says(page, '.notice-refused', 'item-0.mp3 can’t be played here: this browser can’t decode it.');
    await page.locator('.player').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('can be scrolled to the last of a million', async () => {
    const { page, path } = await made('million');
    const states = { states: 'r'.repeat(1_000_000), position: 0 };
    await page.route('**/states', (route) => route.fulfill({ json: states }));
    await page.goto(path);
    await says(page, '.row-said', 'Gate 2, please.');
    await page.locator('.list').focus();
    for (const [key, number] of [
      ['End', '999,999'],
      ['ArrowUp', '999,998'],
      ['Home', '0'],
    ] as const) {
      await page.keyboard.press(key);
      await says(page, '.list-row:focus .row-number', number);
      const isInSight = await page.evaluate<boolean>(`(() => {
        const list = document.querySelector('.list').getBoundingClientRect();
        const row = document.activeElement.getBoundingClientRect();
        return row.top >= list.top && row.bottom <= list.bottom;
      })()`);
      expect(isInSight, key).toBe(true);
    }
    await page.evaluate("document.querySelector('.list').scrollTop = 3_000");
    // Its row now shows another item, which keys must not reach.
    await page.locator('.list:focus').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('.list-row:focus').waitFor();
    expect(await page.evaluate("document.querySelector('.list').scrollTop")).toBeGreaterThan(2_900);
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Play item 0' }).focus();
    await page.evaluate("document.querySelector('.list').scrollTop = 3_000");
    // The other item has no such button.
    await page.locator('.list:focus').waitFor();
    await page.context().close();
  });
});
