/** What the door refuses, and where it points. */
import type { ParsedSet } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { checkDoor, type Door } from './check-door.ts';
import { placesIn } from './places.ts';
import { itemOf, setWith } from './sets-for-tests.ts';

const SOURCE = 'set:\n  name: act 1\n  notify: [mail]\n  budget: 2\nitems:\n  - text: one\n  - text: two\n';
const open: Door = { provider: 'polly', hasTaskBucket: false, channels: ['chat'], lexicons: new Map() };
const check = (set: ParsedSet, door: Partial<Door> = {}) =>
  checkDoor(set, { ...open, ...door }, placesIn(SOURCE));
const at = (index: number, changes = {}) => itemOf(index, { line: 6 + index, ...changes });

describe('the door', () => {
  it('lets in what can be done here', () => {
    expect(check(setWith([at(0), at(1)]))).toEqual({ problems: [], problemCount: 0 });
  });

  it('refuses a text that needs a task where there is no bucket', () => {
    const long = at(1, { operation: 'task', billedCharacters: 3_001 });
    const { problems } = check(setWith([at(0), long]));
    expect(problems).toMatchObject([
      { line: 7, column: 5, path: 'items[1].text', code: 'needs-task-bucket' },
    ]);
    expect(problems[0]?.message).toContain('longer than 3000 billed characters (it has 3001)');
    expect(problems[0]?.remedy).toContain('set TASK_BUCKET');
    expect(check(setWith([long]), { hasTaskBucket: true }).problemCount).toBe(0);
  });

  it('refuses channels that are not there, and names those that are', () => {
    const set = setWith([at(0)], { notify: ['chat', 'mail'] });
    const { problems } = check(set);
    expect(problems).toMatchObject([{ line: 3, column: 3, path: 'set.notify[1]', code: 'unknown-channel' }]);
    expect(problems[0]?.remedy).toContain('name one of: chat');
    expect(check(set, { channels: ['mail', 'chat'] }).problemCount).toBe(0);
  });

  it('refuses a missing lexicon once, at the first item that names it', () => {
    const items = [at(0), at(1, { lexicons: ['gone'] }), at(2, { lexicons: ['gone', 'there'] })];
    const { problems, problemCount } = check(setWith(items), {
      lexicons: new Map([['there', 'a'.repeat(64)]]),
    });
    expect(problemCount).toBe(1);
    expect(problems).toMatchObject([{ line: 7, path: 'items[1].lexicons', code: 'no-such-lexicon' }]);
    expect(problems[0]?.message).toContain('which 2 items name');
  });

  it('refuses a budget below the cost with both amounts, and not one that is met exactly', () => {
    const set = setWith([at(0)], { budgetUsd: '2' });
    const { problems } = check(set, { unpaidCost: 2_500_000_000_000n });
    expect(problems).toMatchObject([{ line: 4, column: 3, path: 'set.budget', code: 'over-budget' }]);
    expect(problems[0]?.message).toMatch(/2\.50 USD.*budget of 2 USD/);
    expect(check(set, { unpaidCost: 2_000_000_000_000n }).problemCount).toBe(0);
  });

  it('refuses a text that takes more bytes as JSON than an event may', () => {
    const { problems } = check(setWith([at(0, { text: '\u0001'.repeat(190_000) })]), { hasTaskBucket: true });
    expect(problems).toMatchObject([{ line: 6, code: 'text-too-large' }]);
    expect(check(setWith([at(0, { text: 'ä'.repeat(190_000) })])).problemCount).toBe(0);
  });

  it('reports everything at once in the order of the file, counts all, and lists a thousand', () => {
    const items = Array.from({ length: 1_500 }, (_, index) => at(index, { operation: 'task' }));
    const { problems, problemCount } = check(setWith(items, { notify: ['fax'] }));
    expect(problemCount).toBe(1_501);
    expect(problems).toHaveLength(1_000);
    expect(problems.slice(0, 2).map(({ code }) => code)).toEqual(['unknown-channel', 'needs-task-bucket']);
  });
});

describe('places in a set file', () => {
  it('are found in YAML and JSON, and are the beginning where there is nothing to find', () => {
    expect(placesIn('{"set": {"name": "a", "budget": 2}}').header('budget')).toEqual({ line: 1, column: 23 });
    expect(placesIn('set: {name: a, budget: 2}').header('budget')).toEqual({ line: 1, column: 16 });
    expect(placesIn('set:\r\n  name: my budget: 2\r\n  budget: 3').header('budget')).toEqual({
      line: 3,
      column: 3,
    });
    expect(placesIn('').header('budget')).toEqual({ line: 1, column: 1 });
  });
});
