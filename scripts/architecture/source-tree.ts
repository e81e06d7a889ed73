/** Reads every workspace and source file of a repository, with the facts that the rules need. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { type Workspace as Named, readManifest, workspacesOf } from '../workspaces.ts';
import { type FileFacts, readFacts } from './file-facts.ts';

export interface Workspace {
  /** Its npm name, such as `@setlist/contracts`. */
  readonly name: string;
  /** Its folder from the root, such as `packages/contracts`. */
  readonly folder: string;
  readonly layer: 'package' | 'service' | 'other';
  /** Names in `dependencies`. */
  readonly dependencies: ReadonlySet<string>;
  /** Names in `devDependencies`. */
  readonly devDependencies: ReadonlySet<string>;
}

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly workspace: Workspace;
  /** Tests, and whole workspaces that only hold tests, tools or benchmarks. */
  readonly forTests: boolean;
  readonly facts: FileFacts;
}

export interface SourceTree {
  readonly workspaces: ReadonlyMap<string, Workspace>;
  readonly files: ReadonlyMap<string, SourceFile>;
  /** The root package.json's dependencies, which every workspace's tests can use. */
  readonly rootDependencies: ReadonlySet<string>;
}

/** One violation of a rule. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** Reads the workspaces named in the root's package.json, and their TypeScript. */
export function readSourceTree(root: string): SourceTree {
  const workspaces = workspacesOf(root).map(readWorkspace);
  const files = workspaces.flatMap((workspace) => readFiles(root, workspace));
  return {
    workspaces: new Map(workspaces.map((workspace) => [workspace.name, workspace])),
    files: new Map(files.map((file) => [file.path, file])),
    rootDependencies: new Set(Object.keys(readManifest(root).devDependencies ?? {})),
  };
}

function readWorkspace({ folder, manifest }: Named): Workspace {
  const { name, dependencies, devDependencies } = manifest;
  const top = folder.split('/')[0];
  return {
    name,
    folder,
    layer: top === 'packages' ? 'package' : top === 'services' ? 'service' : 'other',
    dependencies: new Set(Object.keys(dependencies ?? {})),
    devDependencies: new Set(Object.keys(devDependencies ?? {})),
  };
}

function readFiles(root: string, workspace: Workspace): SourceFile[] {
  const isSource = (path: string) => !path.split('/').includes('node_modules');
  const paths = globSync('**/*.ts', { cwd: join(root, workspace.folder) })
    .filter(isSource)
    .sort();
  return paths.map((within) => {
    const path = posix.join(workspace.folder, within);
    const forTests = workspace.layer === 'other' || within.startsWith('test/') || within.endsWith('.test.ts');
    return { path, workspace, forTests, facts: readFacts(path, readFileSync(join(root, path), 'utf8')) };
  });
}

/** The file that a relative import refers to, from the root; it need not exist. */
export function resolveRelative(importer: SourceFile, specifier: string): string {
  return posix.normalize(posix.join(dirname(importer.path), specifier));
}

/** The workspace that an import by name refers to, whole or deep; undefined for any other import. */
export function importedWorkspace(tree: SourceTree, specifier: string): Workspace | undefined {
  return tree.workspaces.get(packageName(specifier));
}

/** `@scope/name` or `name`, without a path into the package. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}
