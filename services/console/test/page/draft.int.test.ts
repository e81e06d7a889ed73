/** A draft in the page, and what must not lose it. */
import { hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { openEditor, pageSuite, says, write } from '../page-browser.ts';

const suite = pageSuite();

const open = (): Promise<Page> => openEditor(suite);

const choose = (page: Page, name: string, text: string): Promise<void> =>
  page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name, mimeType: 'text/yaml', buffer: Buffer.from(text) });

/** Answers the next question. */
const answer = async (page: Page, how: 'accept' | 'dismiss'): Promise<void> =>
  (await page.waitForEvent('dialog'))[how]();

const fileOf = (name: string): string => `set:\r\n  name: ${name}\r\nitems:\r\n  - text: One of ${name}.\r\n`;

describe.skipIf(!hasChromium)(pageTitle('a set file in the editor'), () => {
  it('is heard with Ctrl and Enter, also on a Mac, and then gets the focus back', async () => {
    const page = await suite.newPage();
    await page.addInitScript("Object.defineProperty(navigator, 'platform', { value: 'MacIntel' })");
    await page.route('**/preview?*', (route) => route.fulfill({ status: 204 }));
    await page.goto('/new');
    // Focuses another place in the editor, and asks for no preview.
    await page.locator('.cm-lineNumbers .cm-gutterElement').last().click();
    await page.locator('.cm-line').first().click();
    await page.keyboard.press('Control+Enter');
    await says(page, '.notice', 'There is no item');
    await page.getByRole('button', { name: 'Close this notice' }).click();
    await page.locator('.cm-content:focus').waitFor();
    await page.keyboard.type(' # written on');
    await says(page, '.cm-line', 'set: # written on');
    await page.context().close();
  });

  it('is replaced by another without a question if it has no changes', async () => {
    const page = await open();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    for (const name of ['first', 'second']) {
      await choose(page, `${name}.yml`, fileOf(name));
      await says(page, '.cm-content', `One of ${name}.`);
    }
    expect(asked).toEqual([]);
    await page.context().close();
  });

  it('is replaced by one that is dropped on the editor, which inserts none of it', async () => {
    const page = await open();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.accept();
    });
    const dataTransfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(fileOf('dropped'))}], 'dropped.yml'));
      return transfer;
    })()`);
    await page.dispatchEvent('.cm-content', 'drop', { dataTransfer });
    await says(page, '.cm-content', 'One of dropped.');
    // Once this file has been read, the editor would have read the other one.
    await page.evaluate(`new Promise((read) => {
      const reader = Object.assign(new FileReader(), { onload: read });
      reader.readAsText(new File(['late'], 'late.yml'));
    })`);
    const kept = JSON.parse(await page.evaluate<string>("sessionStorage.getItem('setlist-draft')"));
    expect(kept).toMatchObject({ text: fileOf('dropped').replaceAll('\r', ''), isChanged: false });
    expect(asked).toEqual([]);
    await page.context().close();
  });

  it('is replaced by another only after a confirmation if it has changes', async () => {
    const page = await open();
    await write(page, 'mine');
    await Promise.all([answer(page, 'dismiss'), choose(page, 'other.yml', fileOf('other'))]);
    await says(page, '.cm-content', 'mine');
    expect(await page.getByLabel('File name').inputValue()).toBe('greetings.yml');
    await Promise.all([answer(page, 'accept'), choose(page, 'other.yml', fileOf('other'))]);
    await says(page, '.cm-content', 'One of other.');
    await page.context().close();
  });

  it('is stored per tab: a draft in another tab does not replace it, not even when it is closed', async () => {
    const one = await open();
    const another = await one.context().newPage();
    await another.goto('/new');
    await write(one, 'in one');
    await write(another, 'in another');
    const asked = one.waitForEvent('dialog');
    await one.close({ runBeforeUnload: true });
    await (await asked).dismiss();
    await one.reload();
    await says(one, '.cm-content', 'in one');
    const third = await one.context().newPage();
    await third.goto('/new');
    await says(third, '.cm-content', 'in another');
    await one.context().close();
  });

  it('can be left without a question in a tab that only took it over, even after a reload', async () => {
    const one = await open();
    await write(one, 'in one');
    const another = await one.context().newPage();
    await another.goto('/new');
    await says(another, '.cm-content', 'in one');
    await another.reload();
    // Browsers ask only where the user has done something.
    await another.locator('h1').click();
    await write(one, 'and more');
    const asked: string[] = [];
    another.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    const closed = another.waitForEvent('close');
    await another.close({ runBeforeUnload: true });
    await closed;
    expect(asked).toEqual([]);
    await one.context().close();
  });

  it('asks before it is left if it is too large to store, and does not replace the stored one', async () => {
    const page = await open();
    await write(page, 'kept before');
    page.once('dialog', (dialog) => void dialog.accept());
    await choose(page, 'large.yml', `${fileOf('large')}${'# filling\n'.repeat(110_000)}`);
    await says(page, '.cm-content', 'One of large.');
    await write(page, 'changed');
    await says(page, '.hint', 'can’t store this draft');
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    const kept = await page.evaluate<string>("localStorage.getItem('setlist-draft')");
    expect(kept).toContain('kept before');
    await page.context().close();
  });

  it('has a plan that says what could not be checked, and whose price is read out once', async () => {
    const page = await open();
    // Screen readers read out what changes in an element, not what a new one says.
    await page.evaluate("for (const said of document.querySelectorAll('[role=status]')) said.id = 'there'");
    await choose(page, 'lexical.yml', `${fileOf('lexical')}    lexicons: [names]\r\n`);
    await says(page, '[aria-label=Plan] .hint', 'Items that name lexicons count as new');
    await says(page, '[aria-label=Plan] .hint', 'Paid sounds count as stored');
    await page.locator('#there', { hasText: '1 item planned: Free' }).waitFor({ state: 'attached' });
    await page.evaluate(`changes = 0;
      const said = document.querySelector('#there:has(+ .submit)');
      new MutationObserver(() => changes++).observe(said, { characterData: true, childList: true, subtree: true })`);
    await write(page, 'as before');
    await says(page, '[aria-label=Plan] .plan-price', 'Free');
    expect(await page.evaluate('changes')).toBe(0);
    await page.context().close();
  });
});
