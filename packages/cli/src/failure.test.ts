import { FileChanged } from '@setlist/admission';
import { expect, test } from 'vitest';
import { explain } from './failure.ts';

test.each(['ENOENT', 'EISDIR', 'ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT'])(
  '%s has a remedy, and no stack is shown',
  (code) => {
    const told = explain(Object.assign(new Error(code), { code }));
    expect(told).toMatchObject({ exitCode: 3, remedy: expect.any(String), unforeseen: false });
  },
);

test('an error that nothing is known of is unforeseen', () => {
  expect(explain(new TypeError('x'))).toMatchObject({ exitCode: 3, remedy: undefined, unforeseen: true });
});

test('a file that changed is to be named again: of the inbox, which is for ingest, nothing is said', () => {
  const { remedy } = explain(new FileChanged('a.yml changed while it was read'));
  expect(remedy).toContain('name it again');
  expect(remedy).not.toContain('inbox');
});
