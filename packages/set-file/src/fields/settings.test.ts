/** Settings of any size, and how long they take. */
import { expect, it } from 'vitest';
import { parse } from '../../test/door.ts';

it('very many lexicons take hardly longer to refuse than as many channels', () => {
  const names = Array.from({ length: 40_000 }, (_, number) => `a${number}`).join(', ');
  const timeOf = (set: string, defaults: string): number => {
    const before = process.cpuUsage();
    const result = parse(`set: {name: a${set}}\ndefaults: {engine: neural${defaults}}\nitems: [text: a]\n`);
    expect(result).toMatchObject({ ok: false, problemCount: 1 });
    return process.cpuUsage(before).user;
  };
  timeOf(`, notify: [${names}]`, '');
  const channels = timeOf(`, notify: [${names}]`, '');
  expect(timeOf('', `, lexicons: [${names}]`)).toBeLessThan(5 * channels);
});
