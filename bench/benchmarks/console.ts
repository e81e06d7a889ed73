/** The console: frames a second while a set of 100,000 items is scrolled, and the cost of 50 pages on a running set. */
import { subjects } from '@setlist/contracts';
import { System } from '@setlist/e2e';
import { eventually, type Page, setFaults, startBrowser } from '@setlist/testkit';
import type { Benchmark, Row } from '../benchmark.ts';
import { usages } from '../processes.ts';
import { runSets } from '../set-run.ts';
import { setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';

const ITEMS = 100_000;
const PAGES = 50;
/** About the 80 calls a second that Polly allows for standard voices: 16 at once, 200 ms each. */
const AT_ONCE = 16;
const CALL_MS = 200;
const WATCHED_ITEMS = 20_000;
const WINDOW_MS = 20_000;
const SETTLE_MS = 5_000;
const SCROLL_MS = 10_000;
/** A briskly turned wheel: 90 rows a second. */
const WHEEL_PX = 90;
const PATIENT = { deadlineMs: 120_000 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(items: number): Promise<Row> {
  await using system = await System.start({
    engine: { ENGINE: 'instant' },
    services: { CALL_TIMEOUT: '30s', ACK_WAIT: '30s', CONCURRENCY: String(AT_ONCE) },
  });
  // All pages call from one address here.
  const url = await system.startConsole({ RATE_LIMIT: '1000000' });
  await using browser = await startBrowser();
  const page = await (
    await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } })
  ).newPage();
  const watched = await watching(system, page, url);
  await setFaults(system, {});
  await runSets(system, [setText('scrolled', { items })]);
  await page.goto(`/sets/${await acceptedAs(system, 'scrolled')}`);
  await page.getByRole('button', { name: 'Play item 0' }).waitFor({ timeout: PATIENT.deadlineMs });
  const wheel = await scroll(page, `${WHEEL_PX}`);
  const fling = await scroll(page, `list.scrollHeight * (now - last) / ${SCROLL_MS}`);
  return {
    items,
    framesPerSecond: wheel.perSecond,
    slowestFrameMs: wheel.slowestMs,
    flungFramesPerSecond: fling.perSecond,
    flungSlowestFrameMs: fling.slowestMs,
    ...watched,
  };
}

/** The share of a core that the console uses while a set runs, before any page is open and with all pages open. */
async function watching(system: System, page: Page, url: string): Promise<Row> {
  await setFaults(system, { latencyMs: [CALL_MS, CALL_MS] });
  const { name, text } = setText('watched', { items: WATCHED_ITEMS });
  await system.drop(`${name}.yml`, text);
  const setId = await acceptedAs(system, name);
  await eventually(async () => (await countsOf(url, setId)).requested === WATCHED_ITEMS, PATIENT);
  const alone = await cpuShare();
  const closing = new AbortController();
  await page.goto(`/sets/${setId}`);
  await page.getByRole('button', { name: 'Play item 0' }).waitFor({ timeout: PATIENT.deadlineMs });
  const { position } = (await (await fetch(`${url}/api/v1/sets?limit=1`)).json()) as { position: number };
  let bytes = 0;
  for (let more = 1; more < PAGES; more++) {
    const { body } = await fetch(`${url}/api/v1/live?set=${setId}`, {
      headers: { 'last-event-id': String(position) },
      signal: closing.signal,
    });
    void drain(body, (length) => (bytes += length)).catch(() => undefined);
  }
  await pause(SETTLE_MS);
  const before = await countsOf(url, setId);
  const bytesBefore = bytes;
  const open = await cpuShare();
  const done = (await countsOf(url, setId)).completed - before.completed;
  const kbPerPage = (bytes - bytesBefore) / (PAGES - 1) / 1_000;
  closing.abort();
  await page.goto('about:blank');
  await fetch(`${url}/api/v1/sets/${setId}/cancel`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return {
    pages: PAGES,
    itemsPerSecond: rounded((1_000 * done) / WINDOW_MS, 1),
    'consoleCpuPercent.noPage': alone,
    'consoleCpuPercent.allPages': open,
    kbPerSecondAndPage: rounded((1_000 * kbPerPage) / WINDOW_MS, 2),
  };
}

async function drain(body: ReadableStream<Uint8Array> | null, take: (length: number) => void): Promise<void> {
  for await (const part of body ?? []) take(part.length);
}

/** The CPU usage in percent of one core, over the window. */
async function cpuShare(): Promise<number> {
  const cpuMs = (): number => usages().get('console')?.cpuMs ?? 0;
  const before = cpuMs();
  await pause(WINDOW_MS);
  return rounded((100 * (cpuMs() - before)) / WINDOW_MS, 1);
}

/** Scrolls the list for a while, one step per frame. @param step JavaScript for the step's pixels */
async function scroll(page: Page, step: string): Promise<{ perSecond: number; slowestMs: number }> {
  const frames = await page.evaluate<number[]>(`(async () => {
    const list = document.querySelector('.list');
    list.scrollTop = 0;
    const frame = () => new Promise(requestAnimationFrame);
    const frames = [];
    let last = await frame();
    for (const end = last + ${SCROLL_MS}; last < end; ) {
      const now = await frame();
      list.scrollTop += ${step};
      frames.push(now - last);
      last = now;
    }
    return frames;
  })()`);
  const ms = frames.reduce((sum, frame) => sum + frame, 0);
  return { perSecond: rounded((1_000 * frames.length) / ms, 1), slowestMs: rounded(Math.max(...frames), 1) };
}

const acceptedAs = (system: System, name: string): Promise<string> =>
  eventually(async () => {
    const lives = await system.events(subjects.state('*'));
    return lives.find(({ setId }) => setId?.startsWith(`${name}-`))?.setId ?? null;
  }, PATIENT);

async function countsOf(url: string, setId: string): Promise<{ completed: number; requested: number }> {
  const answer = await fetch(`${url}/api/v1/sets/${setId}`);
  if (!answer.ok) return { completed: 0, requested: 0 };
  return ((await answer.json()) as { counts: { completed: number; requested: number } }).counts;
}

export const console: Benchmark = {
  says: 'frames a second while 100,000 items are scrolled in Chromium, and what 50 pages on a running set cost',
  takes: '5 min; needs Chromium',
  middleOf: 'framesPerSecond',
  cases: ({ items = ITEMS }) => [
    {
      name: `${PAGES} pages, then a list of ${items.toLocaleString('en-US')}`,
      measure: () => measure(items),
    },
  ],
};
