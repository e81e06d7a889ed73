/** Adds up the test reports of all workspaces, including those that the task runner had cached. */
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspacesOf } from './workspaces.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Workspaces that failed in other ways than by a failed test; each counts as one failure. */
  readonly faults: readonly { readonly workspace: string; readonly fault: string }[];
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

const REPORT = '.vitest/report.json';

/** Deletes every report, so that an old one is never counted. */
export function clearReports(root: string): void {
  for (const { folder } of testedWorkspaces(root)) rmSync(join(root, folder, REPORT), { force: true });
}

/** Counts the reports of all workspaces that have tests; one without a script to run them counts as a failure. */
export function countTests(root: string): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0, faults: [] as { workspace: string; fault: string }[] };
  for (const { name: workspace, folder, runs } of testedWorkspaces(root)) {
    if (!runs) {
      counts.failed += 1;
      counts.faults.push({ workspace, fault: 'it has tests, and no "test" script that runs them' });
      continue;
    }
    const file = join(root, folder, REPORT);
    if (!existsSync(file)) {
      counts.failed += 1;
      counts.faults.push({ workspace, fault: 'its tests did not run to their end' });
      continue;
    }
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    counts.passed += report.numPassedTests;
    counts.failed += report.numFailedTests;
    counts.skipped += report.numPendingTests + report.numTodoTests;
    if (!report.success && report.numFailedTests === 0) {
      counts.failed += 1;
      counts.faults.push({ workspace, fault: 'a test file failed outside its tests' });
    }
  }
  return counts;
}

/** `12 passed, 0 failed`, with `, 1 skipped` if any were. */
export function countLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

interface TestedWorkspace {
  readonly name: string;
  readonly folder: string;
  /** Whether it has a `test` script to run its tests. */
  readonly runs: boolean;
}

function testedWorkspaces(root: string): TestedWorkspace[] {
  return workspacesOf(root)
    .map(({ folder, manifest: { name, scripts } }) => ({ name, folder, runs: scripts?.test !== undefined }))
    .filter(({ folder, runs }) => runs || hasTests(join(root, folder)));
}

const hasTests = (folder: string): boolean =>
  globSync('{*,{src,test}/**/*}.test.ts', { cwd: folder }).length > 0;
