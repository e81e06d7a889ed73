/** The page when something is wrong: in a real browser, with sets whose events the test appends. */
import { hasChromium, type Page, pageTitle } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { pageSuite, says } from '../page-browser.ts';
import { SetOf, seen } from '../world.ts';

const suite = pageSuite();

async function open(path: string): Promise<Page> {
  const page = await suite.newPage();
  await page.goto(path);
  return page;
}

it.each(['identity', 'gzip', 'br'])(
  'files that can change are revalidated each time, with encoding %s too',
  async (encoding) => {
    const keptAs = async (path: string) => {
      const { headers } = await fetch(`${suite.world.url}${path}`, {
        headers: { 'accept-encoding': encoding },
      });
      return [headers.get('content-encoding') ?? 'identity', headers.get('cache-control')];
    };
    const [script = ''] = /\/assets\/[\w.-]+\.js/.exec(await (await fetch(suite.world.url)).text()) ?? [];
    expect(await keptAs(script)).toEqual([encoding, 'public, max-age=31536000, immutable']);
    for (const path of ['/', '/sets/some', '/icon.svg']) {
      expect(await keptAs(path), path).toEqual([encoding, 'no-cache']);
    }
  },
);

it.each([
  ['/sets', 'text/html', 200, 'html'],
  ['/sets/some/', 'text/html', 200, 'html'],
  ['/money/', 'text/html', 200, 'html'],
  ['/nothing', 'text/html,*/*', 404, 'html'],
  ['/nothing', 'application/json', 404, 'json'],
  ['/api/v1/nothing', 'text/html', 404, 'json'],
  ['/api/v1/sets/', '*/*', 200, 'json'],
])('at %s, a client that accepts %s gets %i as %s', async (path, accept, status, kind) => {
  const answer = await fetch(`${suite.world.url}${path}`, { headers: { accept } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    status,
    expect.stringContaining(kind),
  ]);
});

describe.skipIf(!hasChromium)(pageTitle('the page'), () => {
  it('says what to do if an item’s audio is gone, not that the browser can’t decode it', async () => {
    const set = await new SetOf(suite.world, 'silent', 1).accept();
    await set.complete(0);
    const url = `${suite.world.url}/api/v1/sets/${set.id}/items`;
    await seen<{ items?: { state: string }[] }>(url, ({ items }) => items?.[0]?.state === 'completed');
    const page = await open(`/sets/${set.id}`);
    await page.getByRole('button', { name: 'Play item 0' }).click();
    await says(page, '.notice', 'is no longer where this run put it. Run the set again');
    expect(await page.locator('.notice', { hasText: 'decode' }).count()).toBe(0);
    await page.context().close();
  });

  it('shows a set that did not exist yet as soon as it does', async () => {
    const set = new SetOf(suite.world, 'late');
    const page = await open(`/sets/${set.id}`);
    await says(page, '.hint', 'it will appear here automatically');
    await set.accept();
    await says(page, 'h1', 'late');
    await says(page, '.row', 'Gate 2, please.');
    await says(page, '.facts', 'of at most $');
    await page.context().close();
  });

  it('opens a set once, even if two simultaneous changes announce it', async () => {
    const set = new SetOf(suite.world, 'twice');
    const path = `/api/v1/sets/${set.id}`;
    const page = await suite.newPage();
    await page.route('**/api/v1/live?', async (route) => {
      await set.accept();
      const summary = await seen<{ state?: string }>(
        `${suite.world.url}${path}`,
        ({ state }) => state === 'running',
      );
      const change = `id: 1\nevent: change\ndata: ${JSON.stringify({ sets: [summary] })}\n\n`;
      await route.fulfill({ contentType: 'text/event-stream', body: change.repeat(2) });
    });
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.goto(`/sets/${set.id}`);
    await says(page, '.row', 'Gate 2, please.');
    // Once before it existed.
    expect(asked.filter((each) => each === path)).toHaveLength(2);
    await page.context().close();
  });

  it('offers sets whose ids begin like the address, and fetches that address once until it exists', async () => {
    const { id } = await new SetOf(suite.world, 'greetings').accept();
    const another = await new SetOf(suite.world, 'more-greetings').accept();
    for (const each of [id, another.id]) {
      await seen<{ state?: string }>(
        `${suite.world.url}/api/v1/sets/${each}`,
        ({ state }) => state !== undefined,
      );
    }
    const page = await suite.newPage();
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    await page.goto('/sets/greetings');
    await says(page, '.live', 'Live');
    expect(asked.filter((path) => path === '/api/v1/sets/greetings')).toHaveLength(1);
    expect(await page.locator('.set').count()).toBe(1);
    await page.locator('.set', { hasText: 'greetings' }).click();
    await says(page, '.row', 'Gate 2, please.');
    expect(new URL(page.url()).pathname).toBe(`/sets/${id}`);
    await page.context().close();
  });

  it.each([
    ['latin1', '', 'the file may be in Latin-1 or Windows-1252'],
    ['utf16le', '\ufeff', 'written in UTF-16 or UTF-32'],
  ] as const)('opens no file in %s, whose letters it would have to guess', async (encoding, mark, words) => {
    const page = await open('/');
    const buffer = Buffer.from(`${mark}set:\n  name: café\nitems:\n  - text: Ein Café.\n`, encoding);
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'guessed.yml', mimeType: 'text/yaml', buffer });
    await says(page, '.notice', words);
    await page.goto('/new');
    expect(await page.getByLabel('File name').inputValue()).toBe('greetings.yml');
    await page.context().close();
  });

  it('shows its views even if the browser stores nothing', async () => {
    const page = await suite.newPage();
    await page.addInitScript(() => {
      for (const place of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(globalThis, place, {
          get: () => {
            throw new DOMException('denied', 'SecurityError');
          },
        });
      }
    });
    await page.goto('/new');
    await says(page, 'h1', 'New set');
    await page.context().close();
  });

  it.each([
    ['/money', 'Money', 503],
    ['/sets/:id', 'tried', 429],
    ['/sets/:id/states', 'tried', 503],
  ] as const)('says why %s was refused, until it is answered', async (asked, heading, status) => {
    const { id } = await new SetOf(suite.world, 'tried').accept();
    await seen<{ state?: string }>(`${suite.world.url}/api/v1/sets/${id}`, ({ state }) => Boolean(state));
    const path = asked.replace(':id', id);
    const page = await suite.newPage();
    const refusal = { status, headers: { 'retry-after': '1' }, json: { detail: 'not just now' } };
    await page.route(`**/api/v1${path}`, (route) => route.fulfill(refusal));
    await page.goto(path.replace('/states', ''));
    await says(page, 'p', 'Not just now.');
    await page.unrouteAll();
    await page.locator('p', { hasText: 'Not just now.' }).waitFor({ state: 'detached' });
    await says(page, 'h1', heading);
    await page.context().close();
  });

  it('offers to reload if a view’s code could not be fetched', async () => {
    const page = await suite.newPage();
    await page.route('**/assets/money-view-*.js', (route) => route.abort());
    await page.goto('/money');
    await says(page, 'h1', 'This view can’t be shown');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await says(page, 'h1', 'Money');
    await page.context().close();
  });

  it('reconnects after a longer silence than the console ever keeps', async () => {
    const page = await suite.newPage();
    await page.clock.install();
    await page.addInitScript(() => {
      const scope = globalThis as unknown as { fetch: typeof fetch; streams: number };
      const { fetch: ask } = scope;
      scope.streams = 0;
      scope.fetch = async (input, init) => {
        if (!String(input).includes('/live')) return ask(input, init);
        scope.streams++;
        const { signal } = init ?? {};
        const start = (controller: ReadableStreamDefaultController): void =>
          signal?.addEventListener('abort', () => controller.error(signal.reason));
        return new Response(new ReadableStream({ start }));
      };
    });
    await page.goto('/');
    await says(page, '.live', 'Live');
    expect(await page.evaluate('streams')).toBe(1);
    await page.clock.runFor(45_000);
    await page.waitForFunction('streams > 1');
    await page.context().close();
  });

  it('says that it is waiting for the broker while that is away', async () => {
    const page = await open('/');
    await says(page, '.live', 'Live');
    await suite.world.nats.kill9();
    await says(page, '.live', 'Waiting for the broker');
    await suite.world.nats.restart();
    await says(page, '.live', 'Live');
    await page.context().close();
  });

  it('accepts addresses with a trailing slash, and says if an address is unknown', async () => {
    const page = await open('/money/');
    await says(page, 'h1', 'Money');
    await page.goto('/nothing');
    await says(page, 'h1', 'There is nothing here');
    await page.getByRole('link', { name: 'All sets' }).click();
    await says(page, 'h1', 'Sets');
    await page.context().close();
  });

  it('writes a name in the direction of its script, and says the language of each text', async () => {
    const set = await new SetOf(suite.world, 'שערים').accept();
    const page = await suite.newPage();
    await page.route('**/items?*', async (route) => {
      const response = await route.fetch();
      const { items } = (await response.json()) as { items: object[] };
      const spoken = items.map((item, at) => ({ ...item, language: at === 1 ? 'de-DE' : 'cmn-CN' }));
      await route.fulfill({ response, json: { items: spoken } });
    });
    await page.goto(`/sets/${set.id}`);
    await says(page, 'h1', 'שערים');
    const direction = (selector: string): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).direction`);
    await says(page, '.row-said', 'Gate 0, please.');
    expect([await direction('h1'), await direction('.row-said')]).toEqual(['rtl', 'ltr']);
    for (const [at, language] of ['zh-CN', 'de-DE'].entries()) {
      expect(await page.locator('.row-said').nth(at).getAttribute('lang')).toBe(language);
    }
    await page.context().close();
  });
});
