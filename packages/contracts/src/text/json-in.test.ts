import { expect, test } from 'vitest';
import { jsonIn } from './json-in.ts';

test('a text is parsed as JSON, and gives undefined where it is not JSON', () => {
  expect(jsonIn('{"taskId":"a"}')).toEqual({ taskId: 'a' });
  expect(jsonIn('null')).toBeNull();
  for (const text of ['', 'a task has ended', '{"taskId":', '[1,]']) expect(jsonIn(text)).toBeUndefined();
});
