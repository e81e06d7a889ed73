import { expect, test } from 'vitest';
import { uriDecoded } from './uri-decoded.ts';

test('a text is percent-decoded, and gives undefined where it can’t be', () => {
  expect(uriDecoded('50%25 r%C3%A9sum%C3%A9')).toBe('50% résumé');
  for (const text of ['50%', '%zz', '%C3']) expect(uriDecoded(text)).toBeUndefined();
});
