/** Rule: nothing imports itself by a round trip, neither files nor workspaces. */
import {
  type Finding,
  importedWorkspace,
  isRelative,
  resolveRelative,
  type SourceTree,
} from './source-tree.ts';

/** Import cycles among files; an import of types counts, since a reader has to follow it too. */
export function fileCycles(tree: SourceTree): Finding[] {
  const edges = new Map([...tree.files.values()].map((file) => [file.path, importsOf(tree, file.path)]));
  return findCycles(edges).map((cycle) => {
    const [first = '', second = first] = cycle;
    const specifiers = tree.files.get(first)?.facts.imports ?? [];
    const line = specifiers.find(({ specifier }) => targetOf(tree, first, specifier) === second)?.line ?? 1;
    const way = [...cycle, first].join(' → ');
    return {
      file: first,
      line,
      rule: 'import-cycle',
      message: `${way}. Move what both need to a file of its own.`,
    };
  });
}

/** Cycles among what the package.json files declare, for tests and tools too: the task runner refuses them. */
export function workspaceCycles(tree: SourceTree): Finding[] {
  const edges = new Map(
    [...tree.workspaces.values()].map(({ name, dependencies, devDependencies }) => {
      const declared = [...dependencies, ...devDependencies].filter((dependency) =>
        tree.workspaces.has(dependency),
      );
      return [name, declared];
    }),
  );
  return findCycles(edges).map((cycle) => ({
    file: `${tree.workspaces.get(cycle[0] ?? '')?.folder}/package.json`,
    line: 1,
    rule: 'workspace-cycle',
    message: `${[...cycle, cycle[0]].join(' → ')}. Move what both need to a package of its own.`,
  }));
}

function importsOf(tree: SourceTree, path: string): string[] {
  const imports = tree.files.get(path)?.facts.imports ?? [];
  return imports.flatMap(({ specifier }) => targetOf(tree, path, specifier) ?? []);
}

function targetOf(tree: SourceTree, path: string, specifier: string): string | undefined {
  const importer = tree.files.get(path);
  if (importer === undefined) return undefined;
  if (isRelative(specifier)) return resolveRelative(importer, specifier);
  const workspace = importedWorkspace(tree, specifier);
  return workspace && `${workspace.folder}/src/index.ts`;
}

/** Every cycle that a depth-first walk closes; at least one of each knot. */
function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string) => {
    const at = path.indexOf(node);
    if (at !== -1) cycles.push(path.slice(at));
    if (at !== -1 || done.has(node)) return;
    path.push(node);
    for (const next of edges.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) visit(node);
  return cycles;
}
