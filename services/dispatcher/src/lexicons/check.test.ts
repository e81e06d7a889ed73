import { expect, test } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { checkLexicons } from './check.ts';
import type { Lexicons } from './lexicons.ts';

test('a failed lexicon look-up is not a failed call: nothing was billed, and it slows no calls', async () => {
  const throttled = new CallFailed({
    from: 'provider',
    code: 'ThrottlingException',
    message: 'Rate exceeded',
  });
  const lexicons: Pick<Lexicons, 'recent'> = { recent: () => Promise.reject(throttled) };
  const deps: Pick<SettleDeps, 'lexiconsOf'> = { lexiconsOf: () => lexicons as Lexicons };
  const named = { provider: 'local', lexicons: [{ name: 'w3c', sha256: 'a'.repeat(64) }] } as const;
  await expect(checkLexicons(deps, { ...named, lexicons: [...named.lexicons] })).rejects.toMatchObject({
    failure: { code: 'ThrottlingException', billed: false, isLookUp: true },
  });
});
