import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearReports, countLine, countTests } from './test-counts.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'counts-'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ workspaces: ['packages/*', 'test'] }));
  workspace('packages/a');
  workspace('test');
  workspace('packages/untested', {});
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function workspace(folder: string, scripts: object = { test: 'vitest' }): void {
  mkdirSync(join(root, folder, '.vitest'), { recursive: true });
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ name: folder, scripts }));
}

function report(folder: string, { passed = 0, failed = 0, skipped = 0, success = true }): void {
  const counts = {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
  };
  writeFileSync(join(root, folder, '.vitest/report.json'), JSON.stringify({ success, ...counts }));
}

test('adds up all workspaces', () => {
  report('packages/a', { passed: 3, failed: 1, skipped: 2, success: false });
  report('test', { passed: 4 });
  expect(countTests(root)).toEqual({ passed: 7, failed: 1, skipped: 2, faults: [] });
});

test('a workspace without a report, or with a file that could not be loaded, counts as a failure', () => {
  report('packages/a', { success: false });
  const { failed, faults } = countTests(root);
  expect(failed).toBe(2);
  expect(faults.map(({ workspace }) => workspace)).toEqual(['packages/a', 'test']);
});

test('a workspace that has tests but no script to run them counts as a failure', () => {
  report('packages/a', { passed: 3 });
  report('test', { passed: 4 });
  const src = join(root, 'packages/untested/src/deep');
  mkdirSync(src, { recursive: true });
  writeFileSync(join(src, 'x.test.ts'), '');
  const { failed, faults } = countTests(root);
  expect(failed).toBe(1);
  expect(faults.map(({ workspace }) => workspace)).toEqual(['packages/untested']);
});

test('never counts the report of an earlier run', () => {
  report('packages/a', { passed: 3 });
  report('test', { passed: 4 });
  clearReports(root);
  expect(countTests(root)).toMatchObject({ passed: 0, failed: 2 });
});

test.each([
  [{ passed: 5, failed: 0, skipped: 0, faults: [] }, '5 passed, 0 failed'],
  [{ passed: 5, failed: 1, skipped: 2, faults: [] }, '5 passed, 1 failed, 2 skipped'],
])('writes the line that CI reads', (counts, line) => {
  expect(countLine(counts)).toBe(line);
});
