import { expect, test } from 'vitest';
import { diagnoseStart } from './start-failure.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

test('an error with its own remedy means that something is missing', () => {
  const error = Object.assign(withCode('ENOENT'), { remedy: 'Make the bucket.' });
  expect(diagnoseStart(new Error('outer', { cause: error }))).toEqual({
    exitCode: 3,
    remedy: 'Make the bucket.',
  });
});

test('so does a system error, also as a cause or as one of several errors', () => {
  expect(diagnoseStart(withCode('ECONNREFUSED')).exitCode).toBe(3);
  expect(diagnoseStart(new AggregateError([new Error('a'), withCode('ENOTFOUND')])).remedy).toContain(
    'No host',
  );
});

test('anything else is a failure of the program', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  for (const error of [new TypeError('x'), withCode('ERR_INVALID_ARG_TYPE'), loop, 'text', null, undefined]) {
    expect(diagnoseStart(error)).toEqual({ exitCode: 1 });
  }
});
