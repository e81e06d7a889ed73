/** Which work waits for a store, for how long, and what is logged. */
import { createLogger, settlesWithin } from '@setlist/runtime';
import { folderObjectStore, StoreError } from '@setlist/storage';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreLine } from './store-line.ts';

let said: { msg: string; code?: string; store?: string; err?: { message: string } }[];
let line: StoreLine;
beforeEach(() => {
  said = [];
  const destination = { write: (text: string) => void said.push(JSON.parse(text)) };
  const logger = createLogger({ service: 'dispatcher', level: 'info', pretty: false, destination });
  line = new StoreLine(folderObjectStore('/store'), logger);
});

/** Work that fails `times` times, then succeeds. */
function failing(times: number, code: StoreError['code']): () => Promise<void> {
  let left = times;
  return async () => {
    if (left-- > 0) throw new StoreError(code, `/elsewhere/a.mp3 is ${code}`, { remedy: 'Mend it.' });
  };
}

const warnings = () => said.filter(({ err }) => err);
const ends = () => said.filter(({ msg }) => msg.startsWith('nothing waits'));

describe('a line', () => {
  const alone = () => ({ whilst: () => true, keepsElsewhere: async () => true, onAlone: vi.fn() });

  it('does not hold up work behind work that alone is in trouble, and notifies each of the latter', async () => {
    const terms = alone();
    const stop = new AbortController();
    const refused = Array.from({ length: 30 }, () =>
      line.whileRecovers(failing(1_000, 'denied'), { ...terms, signal: stop.signal }),
    );
    await vi.waitFor(() => expect(terms.onAlone).toHaveBeenCalledTimes(refused.length));
    const good = line.whileRecovers(failing(1, 'unavailable'), alone());
    expect(await settlesWithin(3_000, good)).toBe(true);
    stop.abort();
    await Promise.all(refused.map((each) => expect(each).rejects.toThrow('aborted')));
  });

  it('is full while sixteen paid sounds are not noted in the log, and never because of noted ones', async () => {
    const [stop, first] = [new AbortController(), new AbortController()];
    const refused = (isUnnoted: boolean, { signal } = stop) =>
      expect(line.whileRecovers(failing(1_000, 'denied'), { ...alone(), isUnnoted, signal })).rejects.toThrow(
        'aborted',
      );
    const waiting = Array.from({ length: 30 }, () => refused(false));
    for (let n = 1; n < 16; n++) waiting.push(refused(true));
    await vi.waitFor(() => expect(warnings()).toHaveLength(1));
    expect(line.isFull).toBe(false);
    const last = refused(true, first);
    await vi.waitFor(() => expect(line.isFull).toBe(true));
    first.abort();
    await last;
    expect(line.isFull).toBe(false);
    stop.abort();
    await Promise.all(waiting);
  });

  it('lets nothing more be paid once four sounds wait for the store, in the line or for the memory it fills', async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const keepsElsewhere = vi.fn(async () => false);
    using taken = new DisposableStack();
    taken.use(await line.memory.take(1024 ** 3, signal));
    const waiting: Promise<unknown>[] = [];
    const inLine = { whilst: () => true, keepsElsewhere, signal };
    waiting.push(line.whileRecovers(failing(1_000, 'full'), inLine));
    await vi.waitFor(() => expect(warnings()).toHaveLength(1));
    const wantsRoom = () => void waiting.push(line.memory.take(1, signal));
    wantsRoom();
    wantsRoom();
    await line.room(signal, () => false);
    expect(keepsElsewhere).not.toHaveBeenCalled();
    wantsRoom();
    const more = line.room(signal, () => false);
    await vi.waitFor(() => expect(keepsElsewhere).toHaveBeenCalled());
    stop.abort();
    await Promise.all([...waiting, more].map((each) => expect(each).rejects.toThrow('aborted')));
  });

  it('logs each kind of trouble once, however many wait, and when nothing waits any more', async () => {
    const both = [failing(2, 'full'), failing(2, 'unavailable')];
    await Promise.all(both.map((work) => line.whileRecovers(work)));
    expect(warnings().map(({ code }) => code)).toEqual(['full', 'unavailable']);
    expect(ends()).toHaveLength(1);
    await line.whileRecovers(failing(1, 'full'));
    expect(warnings()).toHaveLength(3);
  });

  it('logs each other trouble once, until it is fixed', () => {
    const denied = new StoreError('denied', 'no', { remedy: 'Mend it.' });
    for (const message of ['not removed', 'not removed', 'not listed']) line.warnOnce(denied, message);
    expect(said.map(({ msg }) => msg)).toEqual(['not removed', 'not listed']);
    line.fixed('not removed');
    for (let n = 0; n < 2; n++) line.warnOnce(denied, 'not removed');
    expect(said.map(({ msg }) => msg)).toEqual(['not removed', 'not listed', 'not removed']);
  });

  it('logs no store except in the error, which may be about another one', async () => {
    await line.whileRecovers(failing(1, 'full'));
    const [warning] = warnings();
    expect(warning).not.toHaveProperty('store');
    expect(warning?.err?.message).toContain('/elsewhere/');
  });

  it('does not log an end of the trouble if waiting work only leaves', async () => {
    const stop = new AbortController();
    const waiting = line.whileRecovers(failing(1_000, 'full'), { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toThrow('aborted');
    expect(ends()).toEqual([]);
  });
});
