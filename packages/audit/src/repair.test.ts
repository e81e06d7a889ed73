import { expect, test } from 'vitest';
import { concernsRepair } from './repair.ts';
import { type FaultCode, fault, REMEDIES } from './verify/finding.ts';

test('a repair is told of every fault whose remedy names it, and of no missing audio', () => {
  for (const [code, remedy] of Object.entries(REMEDIES))
    if (remedy.includes('--repair'))
      expect(concernsRepair(fault(code as FaultCode, {}, '')), code).toBe(true);
  expect(concernsRepair(fault('file-missing', {}, ''))).toBe(false);
});
