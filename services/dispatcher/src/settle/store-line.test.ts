/** Who waits for a store how long, and what the log says of it. */
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

/** Work that fails so often before it goes well. */
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

  it('keeps no work waiting for those whose trouble is theirs alone, and tells each of these', async () => {
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

  it('is full while sixteen are paid and in no log, and never of those whose payment is', async () => {
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

  it('says each thing that is wrong once, however many wait, and that nothing waits any more', async () => {
    const both = [failing(2, 'full'), failing(2, 'unavailable')];
    await Promise.all(both.map((work) => line.whileRecovers(work)));
    expect(warnings().map(({ code }) => code)).toEqual(['full', 'unavailable']);
    expect(ends()).toHaveLength(1);
    await line.whileRecovers(failing(1, 'full'));
    expect(warnings()).toHaveLength(3);
  });

  it('says what is wrong besides once for each thing, until it is mended', () => {
    const denied = new StoreError('denied', 'no', { remedy: 'Mend it.' });
    for (const message of ['not removed', 'not removed', 'not listed']) line.warnOnce(denied, message);
    expect(said.map(({ msg }) => msg)).toEqual(['not removed', 'not listed']);
    line.mended('not removed');
    for (let n = 0; n < 2; n++) line.warnOnce(denied, 'not removed');
    expect(said.map(({ msg }) => msg)).toEqual(['not removed', 'not listed', 'not removed']);
  });

  it('names no store beside that of the error, which need not be its own', async () => {
    await line.whileRecovers(failing(1, 'full'));
    const [warning] = warnings();
    expect(warning).not.toHaveProperty('store');
    expect(warning?.err?.message).toContain('/elsewhere/');
  });

  it('says nothing of an end of the trouble where those who wait only leave', async () => {
    const stop = new AbortController();
    const waiting = line.whileRecovers(failing(1_000, 'full'), { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toThrow('aborted');
    expect(ends()).toEqual([]);
  });
});
