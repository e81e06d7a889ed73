import { describe, expect, test } from 'vitest';
import { problem, rejected } from '../../test/set-events.ts';
import type { NotableEvent } from '../domain/notice-kind.ts';
import { openWording } from './templates.ts';

const wording = openWording();
const messageOf = (event: NotableEvent) => wording.mailOf(wording.letterAbout(event));

describe('a set file refused for its cost', () => {
  test.each(['budget', 'over-budget', 'monthly-cap'])('by %s says so and what to do', (code) => {
    const problems = [{ ...problem(4), code, message: 'it costs 3.00 USD', remedy: 'raise the budget' }];
    const { subject, text } = messageOf(rejected({ problems, problemCount: 1 }));
    expect(subject).toBe('Setlist: romeo juliet.yml was refused, it costs more than may be spent');
    expect(text).toContain('it costs 3.00 USD (raise the budget)');
    expect(text).toContain("setlist plan 'romeo juliet.yml' --provider polly\n");
  });

  test('and for another problem too is reported like any other', () => {
    const problems = [{ ...problem(4), code: 'over-budget' }, problem(5)];
    expect(messageOf(rejected({ problems })).subject).toBe(
      'Setlist: romeo juliet.yml was refused, 2 problems',
    );
  });
});

describe('a refused set file', () => {
  test('shows each problem as file:line:column: problem (remedy)', () => {
    const { subject, text, html } = messageOf(rejected());
    expect(subject).toBe('Setlist: romeo juliet.yml was refused, 2 problems');
    expect(text).toContain(
      '2 problems:\n  romeo juliet.yml:4:7: unknown key "languge-code" (did you mean "language-code"?)\n',
    );
    expect(text).toContain("setlist validate 'romeo juliet.yml'");
    expect(html).toContain('romeo juliet.yml:9:7');
    expect(text).toContain('Nothing was made and nothing was paid for.');
  });

  test('shows the first fifty and says how many there are', () => {
    const problems = Array.from({ length: 60 }, (_, index) => problem(index + 1));
    const { text } = messageOf(rejected({ problems, problemCount: 1_234 }));
    expect(text).toContain('The first 50 of 1,234 problems:');
    expect(text).toContain('.yml:50:7');
    expect(text).not.toContain('.yml:51:7');
  });

  test.each([
    ['s3://bucket/inbox/Act #1.yml', 'Act #1.yml'],
    ['s3://bucket/inbox/who?.yml', 'who?.yml'],
    ['/srv/inbox/100%.yml', '100%.yml'],
    ['C:\\inbox\\b.yml', 'b.yml'],
    ['c.yml', 'c.yml'],
  ])('names the file of %s', (uri, file) => {
    const { subject, text } = messageOf(
      rejected({ source: { uri, bytes: 1 }, problemCount: 1, problems: [problem(1)] }),
    );
    expect(subject).toBe(`Setlist: ${file} was refused, 1 problem`);
    if (uri.startsWith('s3:')) expect(text).toContain(`${uri}.problems.txt, unless`);
  });

  test('with a long name has its report where ingest writes it: under a shorter one', () => {
    const source = { uri: `s3://bucket/in/${'桜'.repeat(70)}.yml`, bytes: 1 };
    const shorter = `s3://bucket/in/${'桜'.repeat(67)}.yml.problems.txt`;
    expect(messageOf(rejected({ source })).text).toContain(shorter);
  });

  test('from a watched folder has its report in that folder’s own folder for refused files', () => {
    const { text } = messageOf(rejected({ source: { uri: 'file:///srv/inbox/act.yml', bytes: 1 } }));
    expect(text.replaceAll(/\s+/g, ' ')).toContain('a watched folder: in the folder “rejected” inside it');
  });

  test('has commands that take its name for a file, not for options', () => {
    const { text } = messageOf(rejected({ source: { uri: 's3://bucket/inbox/-rf.yml', bytes: 1 } }));
    expect(text).toContain('setlist validate ./-rf.yml');
    expect(text).toContain('setlist submit ./-rf.yml');
  });

  test('is named by its file if its set has no readable name', () => {
    const { html } = messageOf(rejected({ name: undefined }));
    expect(html).toContain('<bdi>romeo juliet.yml</bdi></h1>');
  });
});
