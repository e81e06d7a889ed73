/** The console's page as users see it: a real browser on the whole system, with the local engine. */
import type { Counts } from '@setlist/contracts';
import { hasChromium, type Page, pageTitle, setFaults } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  dropFile,
  focused,
  hears,
  type PageWorld,
  says,
  setIdOf,
  startPageWorld,
  tabTo,
} from './console-page.ts';
import { setFile } from './system.ts';

let world: PageWorld;
beforeAll(async () => {
  if (hasChromium) world = await startPageWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const legend = (page: Page): Promise<string> => page.locator('.legend').innerText();

const ask = async <T>(path: string): Promise<T> =>
  (await fetch(`${world.url}/api/v1${path}`)).json() as Promise<T>;

/** The page takes files that are dropped on it once the editor is there. */
async function openEditor(): Promise<Page> {
  const page = await world.open('/new');
  await says(page, '.cm-content', 'Good morning.');
  return page;
}

describe.skipIf(!hasChromium)(pageTitle('the console’s page'), () => {
  test('a dropped file is checked, its plan shown, submitted, and watched until it has finished', async () => {
    const page = await world.open('/');
    await says(page, 'h2', 'No sets yet');
    await dropFile(page, 'trains.yml', setFile('trains', 3));
    await says(page, '.verdict', 'No problems found');
    await says(page, '.legend', /3 new\s*0 changed\s*0 cached/);
    await page.getByRole('button', { name: 'Submit 3 items' }).click();
    await says(page, 'h1', 'trains');
    await says(page, '.chip', 'completed');
    expect(await legend(page)).toMatch(/3 done\s*0 reused\s*0 failed\s*0 to go/);
    await page.context().close();
  });

  test('problems are shown at their lines as one types, and keep the file from being submitted', async () => {
    const page = await openEditor();
    await dropFile(page, 'wrong.yml', setFile('wrong', 2).replace('Joanna', 'Nobody'));
    await says(page, '.verdict', '1 problem');
    await says(page, '.problems .place', '2:');
    expect(await page.getByRole('button', { name: /^Submit/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: /Go to line 2/ }).click();
    await page.keyboard.press('End');
    for (const _ of 'Nobody }') await page.keyboard.press('Backspace');
    await page.keyboard.type('Joanna }');
    await says(page, '.verdict', 'No problems found');
    await page.context().close();
  });

  test('keys and values are completed by the schema, and the line at the cursor can be played', async () => {
    const page = await openEditor();
    await dropFile(page, 'short.yml', setFile('short', 1));
    await says(page, '.cm-content', 'Item 0 of short');
    await page.locator('.cm-line').last().click();
    await page.keyboard.type('  - te');
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'text' }).first().waitFor();
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'text' }).first().click();
    await page.keyboard.type('Mind the gap.');
    await says(page, '.cm-content', '- text: Mind the gap.');
    await says(page, '.verdict', 'No problems found');
    await page.keyboard.press('Control+Enter');
    await hears(page);
    await page.context().close();
  });

  test('an item is played in place: the audio reports its duration, and its waveform is a slider', async () => {
    const page = await world.open(`/sets/${await setIdOf(world, 'trains')}`);
    await page.getByRole('button', { name: 'Play item 0' }).click();
    await hears(page);
    const place = page.getByRole('slider', { name: 'Place in the audio' });
    await place.press('End');
    expect(await place.getAttribute('aria-valuenow')).toBe(await place.getAttribute('aria-valuemax'));
    await page.context().close();
  });

  test('a failing item says why and what to do, and is retried once the cause is gone', async () => {
    await setFaults(world.system, { serverError: 1 });
    await world.system.drop('gates.yml', setFile('gates', 4));
    const page = await world.open(`/sets/${await setIdOf(world, 'gates')}`);
    await says(page, '.chip', 'with failures');
    await says(page, '.row-why', /ServiceFailure|fault|again/i);
    await setFaults(world.system, {});
    await page.getByRole('button', { name: 'Retry item 0' }).click();
    await says(page, '.legend', /1 done\s*0 reused\s*3 failed/);
    await page.getByRole('checkbox', { name: 'Choose item 1' }).check();
    await page.getByRole('checkbox', { name: 'Choose item 2' }).check();
    await page.getByRole('button', { name: 'Retry 2 items' }).click();
    await says(page, '.legend', /3 done\s*0 reused\s*1 failed/);
    await page.getByRole('button', { name: 'Retry all failed' }).click();
    await says(page, '.legend', /4 done\s*0 reused\s*0 failed/);
    await page.context().close();
  });

  test('the slider shows the whole set as of any moment in the log', async () => {
    const setId = await setIdOf(world, 'gates');
    const page = await world.open(`/sets/${setId}`);
    await page.getByRole('tab', { name: 'Past' }).click();
    const slider = page.getByRole('slider', { name: 'Moment' });
    const timeline = await ask<{ items: [number][]; life: { seq: number }[] }>(`/sets/${setId}/timeline`);
    const seqs = [...timeline.items.map(([seq]) => seq), ...timeline.life.map(({ seq }) => seq)];
    const middle = Math.round(seqs.length / 2);
    await slider.fill(String(middle));
    const seq = seqs.sort((a, b) => a - b)[middle - 1];
    const then = await ask<{ counts: Counts }>(`/sets/${setId}/as-of/${seq}`);
    const { completed, failed, reused, total } = then.counts;
    expect(completed + failed).toBeLessThan(seqs.length);
    await says(
      page,
      '.legend',
      new RegExp(
        `${completed - reused} done\\s*${reused} reused\\s*${failed} failed\\s*${total - completed - failed} to go`,
      ),
    );
    await says(page, '.event[aria-current]', /./);
    await page.getByRole('button', { name: 'Now' }).click();
    await says(page, '.legend', /4 done/);
    await page.context().close();
  });

  test('all audio and the manifest are downloaded as files', async () => {
    const page = await world.open(`/sets/${await setIdOf(world, 'trains')}`);
    for (const [link, file] of [
      ['All audio (zip)', 'trains.zip'],
      ['Manifest (CSV)', 'trains-manifest.csv'],
    ] as const) {
      await page.locator('summary', { hasText: 'Download' }).click();
      const started = page.waitForEvent('download');
      await page.getByRole('link', { name: link }).click();
      const download = await started;
      expect(download.suggestedFilename()).toBe(file);
      expect(await download.failure()).toBeNull();
    }
    await page.context().close();
  });

  test('a set is paused, prioritized, resumed and, after a confirmation, cancelled', async () => {
    await setFaults(world.system, { latencyMs: [500, 500] });
    await world.system.drop('steered.yml', setFile('steered', 400));
    const page = await world.open(`/sets/${await setIdOf(world, 'steered')}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await says(page, '.head .chip', 'paused');
    await page.getByLabel('Priority').selectOption('high');
    await says(page, '.notice', 'high priority');
    await page.getByRole('button', { name: 'Resume' }).click();
    await says(page, '.head .chip', 'running');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('button', { name: 'Cancel the set' }).click();
    await says(page, '.head .chip', 'cancelled');
    await setFaults(world.system, {});
    await page.context().close();
  });

  test('no update is lost over a restart of console and broker', async () => {
    await setFaults(world.system, { latencyMs: [300, 300] });
    await world.system.drop('long.yml', setFile('long', 60));
    const page = await world.open(`/sets/${await setIdOf(world, 'long')}`);
    await says(page, '.legend', /[1-9]\d* done/);
    await page.evaluate('globalThis.isTheSamePage = true');
    await world.system.kill('console');
    await world.system.nats.kill9();
    await world.system.nats.restart();
    expect(await world.system.startConsole({ CONSOLE_PORT: new URL(world.url).port })).toBe(world.url);
    await setFaults(world.system, {});
    await says(page, '.chip', 'completed');
    await says(page, '.legend', /60 done\s*0 reused\s*0 failed\s*0 to go/);
    await says(page, '.choices', /Done 60/);
    expect(await page.evaluate('globalThis.isTheSamePage')).toBe(true);
    await page.context().close();
  });

  test('a set is found, opened, played, replayed and left by keyboard alone, with visible focus', async () => {
    const page = await world.open('/');
    await says(page, '.set', /long/);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toEqual({ text: 'Skip to content', isInSight: true });
    await page.keyboard.press('Enter');
    await page.keyboard.press('/');
    await page.keyboard.type('long');
    await tabTo(page, /^long/);
    await page.keyboard.press('Enter');
    await says(page, 'h1', 'long');
    await says(page, '.row-said', 'Item 0 of long');
    await tabTo(page, /^Items$/);
    await page.keyboard.press('ArrowRight');
    await says(page, '.event[aria-current]', /./);
    await tabTo(page, /^Moment$/);
    await page.keyboard.press('Home');
    await says(page, '.legend', /60 to go/);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowLeft');
    await page.locator('[role="grid"][aria-label="Items"]').waitFor();
    await tabTo(page, /^Items$/);
    await page.keyboard.press('End');
    await page.locator('[data-at="59"]:focus').waitFor();
    const { width = 0, height = 0 } = page.viewportSize() ?? {};
    await page.setViewportSize({ width, height: height + 300 });
    await page.locator('[data-at="59"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await hears(page);
    await page.keyboard.press('?');
    await says(page, 'dialog[open]', 'Keyboard');
    await page.keyboard.press('Escape');
    // One right after the other, since the page waits only a moment for the second key.
    await Promise.all(['g', 'm'].map((key) => page.keyboard.press(key)));
    await says(page, 'h1', 'Money');
    await page.context().close();
  });

  test('no other host is contacted, and the content security policy is never violated', () => {
    expect(world.faults).toEqual([]);
  });
});
