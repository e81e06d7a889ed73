/** What the door refuses, and which place in the file it names. */
import type { ParsedItem, SetTerms } from '@setlist/set-file';
import { describe, expect, it } from 'vitest';
import { itemOf, setOf, surveyWith } from '../../test/sets.ts';
import { checkDoor, type Door } from './check-door.ts';
import { type RunOptions, termsOf } from './run-options.ts';

const now = new Date('2026-11-22T20:00:00Z');
const open: Door = {
  provider: 'polly',
  hasTaskBucket: false,
  channels: ['chat'],
  lexicons: new Map(),
  now,
};
const places = {
  notify: { line: 3, column: 11 },
  paths: { line: 4, column: 10 },
  deadline: { line: 5, column: 13 },
};

function check(
  items: readonly ParsedItem[],
  door: Partial<Door> = {},
  { set: changes = {}, options = {} }: { set?: Partial<SetTerms>; options?: RunOptions } = {},
) {
  const set = setOf({ places, ...changes });
  const applicant = { set, survey: surveyWith(...items), terms: termsOf(set, options) };
  return checkDoor(applicant, { ...open, ...door });
}
/** Of folders whose own names are short enough. */
const longPrefix = (bytes: number): string =>
  'ppp/'
    .repeat(bytes)
    .slice(0, bytes - 1)
    .concat('p');
const at = (index: number, changes = {}) => itemOf(index, { line: 6 + index, ...changes });

describe('the door', () => {
  it('lets in a set that this installation can make', () => {
    expect(check([at(0), at(1)])).toEqual({ problems: [], problemCount: 0 });
  });

  it('refuses a text that needs a task where there is no bucket', () => {
    const long = at(1, { operation: 'task', billedCharacters: 3_001 });
    const { problems } = check([at(0), long]);
    expect(problems).toMatchObject([
      { line: 7, column: 5, path: 'items[1].text', code: 'needs-task-bucket' },
    ]);
    expect(problems[0]?.message).toContain('longer than 3000 billed characters (it has 3001)');
    expect(problems[0]?.remedy).toContain('by --task-bucket or TASK_BUCKET');
    expect(check([long], { hasTaskBucket: true }).problemCount).toBe(0);
  });

  it('refuses a set whose files would land in an inbox, at its prefix or its name', () => {
    const inboxOf = (prefix: string) => (prefix === 'act-1' ? 's3://sets/act-1' : undefined);
    const name = { line: 2, column: 9 };
    const byName = check([at(0)], { inboxOf }, { set: { places: { name } } });
    expect(byName.problems).toMatchObject([{ ...name, path: 'set.name', code: 'prefix-in-inbox' }]);
    const prefix = { line: 3, column: 18 };
    const byPrefix = check([at(0)], { inboxOf }, { set: { places: { name, 'output-prefix': prefix } } });
    expect(byPrefix.problems).toMatchObject([{ ...prefix, path: 'set.output-prefix' }]);
    expect(check([at(0)], { inboxOf }, { set: { prefix: 'act-2' } }).problemCount).toBe(0);
  });

  it.each([
    ['a prefix', longPrefix(943), 'item-000000.mp3', 1_060],
    ['a manifest’s name', longPrefix(910), 'a.mp3', 1_025],
    ['a file name', longPrefix(850), `${'f'.repeat(150)}.mp3`, 1_106],
  ])(
    'refuses %s that is too long together with the output’s own prefix, at the set’s prefix or name',
    (_, prefix, file, bytes) => {
      const [name, place] = [
        { line: 2, column: 9 },
        { line: 3, column: 18 },
      ];
      const output = `s3://audio/${'b'.repeat(100)}`;
      const inboxOf = () => {
        throw new Error('it has no place there');
      };
      const items = [at(0, { file: 'b' }), at(1, { file })];
      const set = { prefix, places: { name, 'output-prefix': place } };
      const { problems } = check(items, { output, inboxOf }, { set });
      expect(problems).toMatchObject([{ ...place, path: 'set.output-prefix', code: 'name-too-long' }]);
      expect(problems[0]?.message).toContain(`the name is ${bytes} bytes long`);
      const byName = check(items, { output }, { set: { prefix, places: { name } } });
      expect(byName.problems).toMatchObject([{ ...name, path: 'set.name' }]);
      for (const roomy of ['s3://audio', 'file:///audio']) {
        expect(check(items, { output: roomy }, { set }).problemCount).toBe(0);
      }
    },
  );

  it('refuses channels that do not exist, and lists those that do', () => {
    const set = { notify: ['chat', 'mail'] };
    const { problems } = check([at(0)], {}, { set });
    expect(problems).toMatchObject([{ line: 3, column: 11, path: 'set.notify[1]', code: 'unknown-channel' }]);
    expect(problems[0]?.remedy).toBe('name one of: chat; or have the channel set up: docs/messages.md');
    expect(check([at(0)], { channels: ['mail', 'chat'] }, { set }).problemCount).toBe(0);
  });

  it('refuses a missing lexicon once, at the first item that names it', () => {
    const items = [at(0), at(1, { lexicons: ['gone'] }), at(2, { lexicons: ['gone', 'there'] })];
    const lexicons = new Map([['there', 'a'.repeat(64)]]);
    const { problems, problemCount } = check(items, { lexicons });
    expect(problemCount).toBe(1);
    expect(problems).toMatchObject([{ line: 7, path: 'items[1].lexicons', code: 'no-such-lexicon' }]);
    expect(problems[0]?.message).toContain('which 2 items name');
    expect(problems[0]?.remedy).toBe(
      'check the name, letter case included, and the region (--region, POLLY_REGION or, for the command, AWS_REGION); put the lexicon there, or take its name out',
    );
    expect(check(items, { lexicons, provider: 'local' }).problems[0]?.remedy).not.toContain('region');
  });

  it('refuses more lexicons than an account can have with one problem, at the first item that names one too many', () => {
    const naming = (count: number) =>
      Array.from({ length: count }, (_, index) => at(index, { lexicons: [`l${index}`] }));
    const { problems, problemCount } = check(naming(102));
    expect(problemCount).toBe(1);
    expect(problems).toMatchObject([{ line: 106, path: 'items[100].lexicons', code: 'set-lexicons' }]);
    expect(problems[0]?.message).toContain('(all items name 102), and Amazon Polly holds no more');
    expect(new Set(check(naming(100)).problems.map(({ code }) => code))).toEqual(
      new Set(['no-such-lexicon']),
    );
  });

  it("refuses once, at the first item that asks for it, a format that the local engine can't make", () => {
    const items = [at(0), at(1, { format: 'ogg_opus' }), at(2, { format: 'ogg_opus' })];
    const { problems, problemCount } = check(items, { provider: 'local' });
    expect(problemCount).toBe(1);
    expect(problems).toMatchObject([{ line: 7, path: 'items[1].output-format', code: 'format-not-local' }]);
    expect(problems[0]?.message).toContain('ogg_opus, which 2 items ask for');
    expect(problems[0]?.remedy).toContain('with --provider polly');
    expect(check(items).problemCount).toBe(0);
  });

  it('refuses "paths: both" where there is no bucket, at the key', () => {
    const both = { set: { paths: 'both' as const } };
    const { problems } = check([at(0)], {}, both);
    expect(problems).toMatchObject([{ line: 4, column: 10, path: 'set.paths', code: 'paths-need-bucket' }]);
    expect(problems[0]?.remedy).toContain('TASK_BUCKET');
    expect(check([at(0)], { hasTaskBucket: true }, both).problemCount).toBe(0);
  });

  it('refuses a deadline that has passed, unless the run has a later one', () => {
    const set = { deadline: '2026-11-22T20:59:59+01:00' };
    expect(check([at(0)], {}, { set }).problems).toMatchObject([
      { line: 5, column: 13, path: 'set.deadline', code: 'deadline-passed' },
    ]);
    expect(check([at(0)], {}, { set, options: { deadline: '1m' } }).problemCount).toBe(0);
    expect(check([at(0)], {}, { options: { deadline: '2026-11-22T20:00Z' } }).problems).toMatchObject([
      { line: 1, column: 1, path: '', code: 'deadline-passed' },
    ]);
  });

  it('refuses a text that takes more bytes as JSON than an event can hold', () => {
    const { problems } = check([at(0, { text: '\u0001'.repeat(190_000) })], { hasTaskBucket: true });
    expect(problems).toMatchObject([{ line: 6, code: 'text-too-large' }]);
    expect(check([at(0, { text: 'ä'.repeat(190_000) })]).problemCount).toBe(0);
  });

  it('reports everything at once in the order of the file, counts all problems, and lists a thousand', () => {
    const items = Array.from({ length: 1_500 }, (_, index) => at(index, { operation: 'task' }));
    const { problems, problemCount } = check(items, {}, { set: { notify: ['fax'] } });
    expect(problemCount).toBe(1_501);
    expect(problems).toHaveLength(1_000);
    expect(problems.slice(0, 2).map(({ code }) => code)).toEqual(['unknown-channel', 'needs-task-bucket']);
  });
});
