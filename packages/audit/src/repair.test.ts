import { expect, test } from 'vitest';
import { concernsRepair } from './repair.ts';
import { type FaultCode, fault, REMEDIES } from './verify/finding.ts';

test('a repair is told of every fault whose remedy names it, and of no missing audio', () => {
  for (const [code, remedy] of Object.entries(REMEDIES))
    if (remedy.includes('--repair'))
      expect(concernsRepair(fault(code as FaultCode, {}, '')), code).toBe(true);
  expect(concernsRepair(fault('file-missing', {}, ''))).toBe(false);
});

test('a remedy that is a repair says to name the same log again', () => {
  const repairs = Object.values(REMEDIES).filter((remedy) => remedy.includes('verify --repair"'));
  expect(repairs.length).toBeGreaterThan(0);
  for (const remedy of repairs) expect(remedy).toContain('verify --repair" with the same options');
});
