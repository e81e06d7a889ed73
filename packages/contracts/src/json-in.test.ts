import { expect, test } from 'vitest';
import { jsonIn } from './json-in.ts';

test('a text is what it says, and nothing where it is no JSON', () => {
  expect(jsonIn('{"taskId":"a"}')).toEqual({ taskId: 'a' });
  expect(jsonIn('null')).toBeNull();
  for (const text of ['', 'a task has ended', '{"taskId":', '[1,]']) expect(jsonIn(text)).toBeUndefined();
});
