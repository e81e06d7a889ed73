import { expect, test } from 'vitest';
import { ifThere, StoreError } from './store-error.ts';

const failing = (code: StoreError['code']): Promise<string> =>
  Promise.reject(new StoreError(code, `the object is ${code}`, { remedy: 'Fix it.' }));

test('a missing object reads as undefined, and every other failure is thrown', async () => {
  expect(await ifThere(Promise.resolve('body'))).toBe('body');
  expect(await ifThere(failing('not-found'))).toBeUndefined();
  await expect(ifThere(failing('unavailable'))).rejects.toMatchObject({ code: 'unavailable' });
  const other = Object.assign(new Error('not a StoreError'), { code: 'not-found' });
  await expect(ifThere(Promise.reject(other))).rejects.toBe(other);
});
