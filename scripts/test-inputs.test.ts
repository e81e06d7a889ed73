/** A workspace's tests run again when a file changes that they read outside of it: the task runner counts every such file. */
import { execFileSync } from 'node:child_process';
import { type Dirent, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** A quoted path with a slash, up to the first value put into it. */
const PATH = /['"`]([\w.-]+\/[\w./-]*)(?=['"`]|\$\{)/g;
/** A workspace's own source, by its path from there. */
const SOURCE = /^[^.].*\.(ts|tsx|mjs)$/;
/** Outside of the repository, or from a registry: the lock file counts for that. */
const NO_SOURCE = /^(\.\.|node_modules)(\/|$)/;
/** Installed, built, or hidden. */
const isMade = ({ name }: Dirent): boolean => /^(\.|node_modules$|dist$)/.test(name);
/** What a run of the tests itself writes. */
const WRITTEN = /(^|\/)\.(turbo|vitest)\//;

interface Task {
  readonly taskId: string;
  readonly command: string;
  readonly directory: string;
  readonly dependencies: readonly string[];
  /** By path from the workspace. */
  readonly inputs: Readonly<Record<string, string>>;
}
interface DryRun {
  readonly globalCacheInputs: { readonly files: Readonly<Record<string, string>> };
  readonly tasks: readonly Task[];
}

const turbo = join(ROOT, 'node_modules/.bin/turbo');
const output = execFileSync(turbo, ['run', 'test', '--dry=json'], {
  cwd: ROOT,
  encoding: 'utf8',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  maxBuffer: 2 ** 26,
});
const run = JSON.parse(output) as DryRun;
const taskOf = new Map(run.tasks.map((task) => [task.taskId, task]));
const tested = run.tasks.filter(({ command }) => command.startsWith('vitest'));

const inputsOf = ({ directory, inputs }: Task): string[] =>
  Object.keys(inputs).map((path) => join(directory, path));

/** Every file whose change runs the task again. */
function countedBy(task: Task): Set<string> {
  const counted = new Set(Object.keys(run.globalCacheInputs.files));
  const todo = [task];
  const seen = new Set(todo);
  for (const each of todo) {
    for (const path of inputsOf(each)) counted.add(path);
    for (const id of each.dependencies) {
      const dependency = taskOf.get(id);
      if (dependency === undefined || seen.has(dependency)) continue;
      seen.add(dependency);
      todo.push(dependency);
    }
  }
  return counted;
}

/** The existing files outside of the task's workspace that its sources name, from their own place or from the root. */
function readOutside({ directory, inputs }: Task): Set<string> {
  const outside = new Set<string>();
  for (const source of Object.keys(inputs).filter((path) => SOURCE.test(path))) {
    const file = join(ROOT, directory, source);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(PATH)) {
      const named = relative(ROOT, resolve(path.startsWith('.') ? dirname(file) : ROOT, path));
      if (named === '' || NO_SOURCE.test(named) || `${named}/`.startsWith(`${directory}/`)) continue;
      for (const each of filesAt(named)) outside.add(each);
    }
  }
  return outside;
}

function filesAt(path: string): string[] {
  const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat ? [path] : [];
  const below = globSync(`${path}/**`, { cwd: ROOT, exclude: isMade, withFileTypes: true });
  return below
    .filter((each) => each.isFile())
    .map((each) => relative(ROOT, join(each.parentPath, each.name)));
}

test.each(tested)('$taskId', (task) => {
  const counted = countedBy(task);
  expect([...readOutside(task)].filter((path) => !counted.has(path))).toEqual([]);
  expect(inputsOf(task).filter((path) => WRITTEN.test(path))).toEqual([]);
});
