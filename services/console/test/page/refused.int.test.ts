/** The page of a set whose file was refused. */
import { hasChromium, pageTitle } from '@setlist/testkit';
import { describe, it } from 'vitest';
import { pageSuite, says } from '../page-browser.ts';
import { SetOf } from '../world.ts';

const suite = pageSuite();

describe.skipIf(!hasChromium)(pageTitle('the page of a refused file'), () => {
  it('names a refused file as its bucket does', async () => {
    const set = new SetOf(suite.world, 'percent');
    await set.reject('s3://in/50%off.yml');
    const page = await suite.newPage();
    await page.goto(`/sets/${set.id}`);
    await says(page, 'code', '50%off.yml');
    await page.context().close();
  });

  it('says that only the first of many problems are listed', async () => {
    const set = new SetOf(suite.world, 'many');
    await set.reject('file:///inbox/many.yml', 21);
    const page = await suite.newPage();
    await page.goto(`/sets/${set.id}`);
    await says(page, 'h2', 'Refused for 21 problems');
    await says(page, '.hint', 'The first 20 are listed; the report beside the file has more.');
    const lines = Array.from({ length: 1_001 }, (_, at) => `  - txt: Line ${at}.\n`).join('');
    const buffer = Buffer.from(`set:\n  name: many\nitems:\n${lines}`);
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'many.yml', mimeType: 'text/yaml', buffer });
    await says(page, '[aria-label=Check] .hint', 'The first 1,000 problems are listed.');
    await page.context().close();
  });
});
