/** Rules about imports between workspaces: by name only, only declared dependencies, and never against the layers. */

import type { Import } from './file-facts.ts';
import {
  type Finding,
  importedWorkspace,
  isRelative,
  packageName,
  resolveRelative,
  type SourceFile,
  type SourceTree,
  type Workspace,
} from './source-tree.ts';

/** Composes the services into one system; the only package that may import them. */
const COMPOSITION_ROOT = '@setlist/cli';
/** Licensed under the GPL, and reached only over HTTP. */
const LOCAL_ENGINE = '@setlist/polly-local';

/** All import rules over every file. */
export function importFindings(tree: SourceTree): Finding[] {
  return [...tree.files.values()].flatMap((file) =>
    file.facts.imports.flatMap((wanted) => {
      const fault = judge(tree, file, wanted);
      return fault === undefined ? [] : [{ file: file.path, line: wanted.line, ...fault }];
    }),
  );
}

type Fault = Pick<Finding, 'rule' | 'message'>;

function judge(tree: SourceTree, file: SourceFile, wanted: Import): Fault | undefined {
  const { specifier } = wanted;
  if (isRelative(specifier)) return relativeFault(file, specifier);
  if (specifier.startsWith('node:')) return undefined;
  const target = importedWorkspace(tree, specifier);
  if (target === undefined) return undeclared(tree, file, wanted);
  if (specifier !== target.name) {
    return {
      rule: 'deep-import',
      message: `import ${target.name}, and export there what ${specifier} is needed for.`,
    };
  }
  if (target === file.workspace) return selfFault(file);
  return layerFault(file.workspace, target) ?? undeclared(tree, file, wanted);
}

function relativeFault(file: SourceFile, specifier: string): Fault | undefined {
  const { folder } = file.workspace;
  if (resolveRelative(file, specifier).startsWith(`${folder}/`)) return undefined;
  return {
    rule: 'deep-import',
    message: `${specifier} leaves ${folder}. Import the other workspace by its name.`,
  };
}

/** A test may import its own package by name, as others do. */
function selfFault(file: SourceFile): Fault | undefined {
  if (file.forTests) return undefined;
  return { rule: 'self-import', message: 'a workspace imports its own files by their paths.' };
}

function layerFault(from: Workspace, to: Workspace): Fault | undefined {
  if (to.name === LOCAL_ENGINE) {
    return {
      rule: 'layer',
      message: `${LOCAL_ENGINE} is GPL and runs as its own process. Start it and call it over HTTP.`,
    };
  }
  if (to.layer !== 'service' || from.name === COMPOSITION_ROOT || from.layer === 'other') return undefined;
  const advice =
    from.layer === 'service'
      ? 'Services communicate only through the log: publish an event, or move shared code to a package.'
      : `Packages import no service. Move what is needed to a package; only ${COMPOSITION_ROOT} composes services.`;
  return { rule: 'layer', message: `${from.name} imports ${to.name}. ${advice}` };
}

/** Production code gets only `dependencies` in its image; types and tests may come from elsewhere. */
function undeclared(tree: SourceTree, file: SourceFile, { specifier, typeOnly }: Import): Fault | undefined {
  const name = packageName(specifier);
  const { dependencies, devDependencies, folder } = file.workspace;
  if (dependencies.has(name)) return undefined;
  if (file.forTests || typeOnly || isOfPage(file)) {
    if (devDependencies.has(name) || tree.rootDependencies.has(name)) return undefined;
  }
  const section = file.forTests || isOfPage(file) ? 'devDependencies' : 'dependencies';
  return {
    rule: 'undeclared-dependency',
    message: `add ${name} to the ${section} of ${folder}/package.json.`,
  };
}

/** A page is bundled when it is built: its imports are needed to build it, not to run it. */
const isOfPage = (file: SourceFile): boolean => file.path.startsWith(`${file.workspace.folder}/page/`);
