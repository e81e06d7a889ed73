/** Live changes: nothing is missed across reconnects and restarts of console and broker. */

import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SetOf, seen, startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => world?.[Symbol.asyncDispose]());

interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: {
    sets?: { setId: string; counts: { completed: number } }[];
    items?: [number, string, number][];
  };
}

/** Reads a stream of server-sent events as a browser would. */
class Listener implements AsyncDisposable {
  readonly frames: Frame[] = [];
  readonly #ended = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  static async open(path: string, lastId?: string): Promise<Listener> {
    const listener = new Listener();
    // A set that was just accepted may not be known yet.
    const response = await eventually(async () => {
      const answer = await fetch(`${world.url}/api/v1/live${path}`, {
        signal: listener.#ended.signal,
        headers: lastId === undefined ? {} : { 'last-event-id': lastId },
      });
      return answer.status !== 404 && answer;
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    listener.#reading = listener.#read(response).catch(() => undefined);
    return listener;
  }

  async #read({ body }: Response): Promise<void> {
    let rest = '';
    for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
      rest += Buffer.from(part).toString();
      const whole = rest.split('\n\n');
      rest = whole.pop() ?? '';
      for (const frame of whole) if (!frame.startsWith(':')) this.frames.push(parse(frame));
    }
  }

  get lastId(): string {
    return this.frames.at(-1)?.id ?? '0';
  }

  /** Item changes in the order of arrival, each once. */
  get marks(): string[] {
    const items = this.frames.flatMap(({ data }) => data.items ?? []);
    return [...new Map(items.map(([index, mark, seq]) => [seq, `${mark}${index}`])).values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#reading;
  }
}

function parse(text: string): Frame {
  const fields = Object.fromEntries(text.split('\n').map((line) => line.split(/: (.*)/s, 2)));
  return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
}

it('sends every change of a set and its items', async () => {
  const set = new SetOf(world, 'watched');
  await using all = await Listener.open('');
  await set.accept();
  await eventually(() => all.frames.some(({ data }) => data.sets?.some(({ setId }) => setId === set.id)));
  await using one = await Listener.open(`?set=${set.id}`);
  await set.complete(0);
  await set.fail(1);
  await eventually(() => one.marks.join() === 'p0,f1');
  await eventually(() => one.frames.some(({ data }) => data.sets?.[0]?.counts.completed === 1));
});

it('sends a reconnecting watcher everything it missed, and no item twice after the last id', async () => {
  const set = await new SetOf(world, 'resumed', 4).accept();
  const first = await Listener.open('');
  await eventually(() => first.frames.length > 0);
  await set.complete(0);
  await eventually(() => first.frames.some(({ data }) => data.sets?.some((s) => s.counts.completed === 1)));
  const { lastId } = first;
  await first[Symbol.asyncDispose]();
  await set.complete(1);
  await set.complete(2);
  await using again = await Listener.open(`?set=${set.id}`, lastId);
  await eventually(() => again.marks.join() === 'p1,p2');
  await using sets = await Listener.open('', lastId);
  await eventually(() =>
    sets.frames.some(({ data }) => data.sets?.some((s) => s.setId === set.id && s.counts.completed === 3)),
  );
});

it('sends everything missed before anything newer, however much happens meanwhile', async () => {
  const set = await new SetOf(world, 'busy', 300).accept();
  let completed = 0;
  const busy = (async () => {
    while (completed < 300) await set.complete(completed++);
  })();
  for (let time = 0; time < 12; time++) {
    await using late = await Listener.open(`?set=${set.id}`, '0');
    await eventually(() => late.frames.length > 0);
    expect(late.frames[0]?.data.items?.slice(0, 2).map(([index, mark]) => `${mark}${index}`)).toEqual([
      'r0',
      'r1',
    ]);
  }
  completed = 300;
  await busy;
});

it('says how far a set is, even if another has events that the tracker doesn’t fold', async () => {
  const set = await new SetOf(world, 'told', 2).accept();
  await new SetOf(world, 'untold').complete(0);
  await using one = await Listener.open(`?set=${set.id}`);
  await set.complete(0);
  await eventually(() => one.frames.some(({ data }) => data.sets?.[0]?.counts.completed === 1));
  const url = `${world.url}/api/v1/sets/${set.id}`;
  const { lastSeq } = await seen<{ lastSeq: number }>(url, () => true);
  const { position } = await seen<{ position: number }>(`${url}/states`, () => true);
  expect([Number(one.lastId) >= lastSeq, position >= lastSeq]).toEqual([true, true]);
});

it('says when the broker is away, also to new watchers, and when it is back', async () => {
  await using there = await Listener.open('');
  const told = (listener: Listener): string => listener.frames.map(({ event }) => event).join();
  await eventually(() => there.frames.length > 0);
  await world.nats.kill9();
  await eventually(() => told(there).endsWith('behind'));
  await using meanwhile = await Listener.open('');
  await eventually(() => told(meanwhile).startsWith('behind'));
  await eventually(() => /(hello|change),behind$/.test(told(meanwhile)));
  await world.nats.restart();
  await eventually(() => told(there).endsWith('behind,hello') && told(meanwhile).endsWith('hello'));
  expect(there.frames.filter(({ id }) => id === undefined).map(({ event }) => event)).toEqual([
    'behind',
    'hello',
  ]);
});

it('misses nothing across a restart of the console and of the broker', async () => {
  const set = await new SetOf(world, 'restarted', 4).accept();
  const before = await Listener.open(`?set=${set.id}`);
  await set.complete(0);
  await eventually(() => before.marks.includes('p0'));
  const { lastId } = before;
  await world.nats.kill9();
  await world.nats.restart();
  await world.restartConsole();
  await before[Symbol.asyncDispose]();
  await eventually(() => set.complete(1).then(() => true));
  await using after = await Listener.open(`?set=${set.id}`, lastId);
  await eventually(() => after.marks.includes('p1'));
  await set.complete(2);
  await eventually(() => after.marks.includes('p2'));
  await eventually(() => after.frames.some(({ data }) => data.sets?.[0]?.counts.completed === 3));
});
