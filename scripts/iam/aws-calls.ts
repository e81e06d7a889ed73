/** The calls to AWS that each service makes, read from the sources that its main.ts reaches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import {
  importedWorkspace,
  isRelative,
  resolveRelative,
  type SourceFile,
  type SourceTree,
} from '../architecture/source-tree.ts';

const STORAGE = 'packages/storage/src/';
/** The names on which a store's methods are called: `desk.store.put`, `inbox.list`, `this.#store.head`. */
const A_STORE = /^#?(\w*store|output|inbox|bucket)$/i;
/** The names of the output store in the sources. */
const AN_OUTPUT = /^output(Of)?$/;
const PAGINATOR = /^paginate(\w+)$/;
const COMMAND = /^(\w+)Command$/;

/** One function, method or whole file: the commands that it sends, and what else it calls by name. */
interface Calls {
  readonly commands: Set<string>;
  readonly names: Set<string>;
  /** Methods called on anything named like a store. */
  readonly ofStores: Set<string>;
  /** Those called on an output. */
  readonly ofOutputs: Set<string>;
}

/** The SDK's names of commands, such as `PutObject`. */
export interface AwsCalls {
  readonly all: ReadonlySet<string>;
  /** Those recognized as calls on the output: a subset of them, since stores are passed around. */
  readonly toOutput: ReadonlySet<string>;
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The calls of each service. */
export function awsCallsByService(root: string, tree: SourceTree): ReadonlyMap<string, AwsCalls> {
  const storage = storageFunctions(root, tree);
  const services = [...tree.files.keys()].flatMap(
    (path) => /^services\/([^/]+)\/src\/main\.ts$/.exec(path)?.[1] ?? [],
  );
  return new Map(
    services.map((service) => {
      const own = reachedFrom(root, tree, `services/${service}/src/main.ts`);
      const calls = own
        .filter(({ path }) => !path.startsWith(STORAGE))
        .map((file) => callsIn(programOf(root, file)));
      const all = new Set(calls.flatMap(({ commands }) => [...commands]));
      const wanted = calls.flatMap(({ names, ofStores }) => [
        ...ofStores,
        ...[...names].filter((name) => storage.exported.has(name)),
      ]);
      for (const command of commandsBehind(storage.functions, wanted)) all.add(command);
      const onOutputs = calls.flatMap(({ ofOutputs }) => [...ofOutputs]);
      return [service, { all, toOutput: commandsBehind(storage.functions, onOutputs) }] as const;
    }),
  );
}

/** Every file that a file reaches by imports, itself included; in other workspaces only the homes of imported names. */
function reachedFrom(root: string, tree: SourceTree, entry: string): SourceFile[] {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    const file = tree.files.get(path);
    if (file === undefined || reached.has(path)) return;
    reached.add(path);
    for (const { specifier, typeOnly, names } of file.facts.imports) {
      if (typeOnly) continue;
      const workspace = importedWorkspace(tree, specifier);
      if (isRelative(specifier)) visit(resolveRelative(file, specifier));
      else if (workspace)
        for (const home of homesOf(root, tree, `${workspace.folder}/src/index.ts`, names)) visit(home);
    }
  };
  visit(entry);
  return [...reached].flatMap((path) => tree.files.get(path) ?? []);
}

/** The files from which an index exports these names. */
function homesOf(root: string, tree: SourceTree, index: string, names: readonly string[]): string[] {
  const file = tree.files.get(index);
  if (file === undefined) return [];
  const { module } = parseSync(index, readFileSync(join(root, index), 'utf8'));
  return module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName, moduleRequest, isType }) => {
      const taken = !isType && (names.length === 0 || names.includes(exportName.name ?? ''));
      return taken && moduleRequest ? [resolveRelative(file, moduleRequest.value)] : [];
    }),
  );
}

/** What each function and method of the storage package does, by name; `exported` are the functions among them. */
function storageFunctions(root: string, tree: SourceTree) {
  const functions = new Map<string, Calls>();
  const exported = new Set<string>();
  for (const file of tree.files.values()) {
    // A folder store has methods of the same names, but doesn't call AWS.
    if (!file.path.startsWith(STORAGE) || file.path.includes('/folder/') || file.forTests) continue;
    for (const node of nodesIn(programOf(root, file))) {
      const name =
        node.type === 'MethodDefinition'
          ? nameOf(node.key)
          : node.type === 'FunctionDeclaration'
            ? nameOf(node.id)
            : undefined;
      if (name === undefined) continue;
      if (node.type === 'FunctionDeclaration') exported.add(name);
      const { commands, names, ofStores, ofOutputs } = callsIn(node);
      const known = functions.get(name);
      functions.set(name, {
        commands: new Set([...(known?.commands ?? []), ...commands]),
        names: new Set([...(known?.names ?? []), ...names]),
        ofStores: new Set([...(known?.ofStores ?? []), ...ofStores]),
        ofOutputs: new Set([...(known?.ofOutputs ?? []), ...ofOutputs]),
      });
    }
  }
  return { functions, exported };
}

function commandsBehind(functions: ReadonlyMap<string, Calls>, names: Iterable<string>): Set<string> {
  const commands = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const calls = functions.get(name);
    if (calls === undefined || seen.has(name)) return;
    seen.add(name);
    for (const command of calls.commands) commands.add(command);
    for (const other of [...calls.names, ...calls.ofStores]) visit(other);
  };
  for (const name of names) visit(name);
  return commands;
}

function callsIn(root: Node): Calls {
  const calls: Calls = {
    commands: new Set(),
    names: new Set(),
    ofStores: new Set(),
    ofOutputs: new Set(),
  };
  for (const node of nodesIn(root)) {
    const { callee } = node as { callee?: Node };
    if (callee === undefined) continue;
    const name = nameOf(callee);
    // `new PutObjectCommand()`, or `new sdk.PutObjectCommand()` where the SDK is loaded when it is needed.
    const last = name ?? nameOf(callee.property) ?? '';
    const paginated = PAGINATOR.exec(last)?.[1];
    const command = node.type === 'NewExpression' ? COMMAND.exec(last)?.[1] : undefined;
    if (paginated) calls.commands.add(paginated);
    else if (command) calls.commands.add(command);
    else if (name) calls.names.add(name);
    if (callee.type === 'MemberExpression') noteMember(callee, calls);
  }
  return calls;
}

/** Notes a method call: `this.#write()` as our own, `store.put()` and `outputOf(uri).put()` as a store's. */
function noteMember({ object, property }: Node, calls: Calls): void {
  const method = nameOf(property);
  const receiver = object as Node;
  const holder = holderOf(receiver);
  if (method === undefined) return;
  if (receiver.type === 'ThisExpression' || method.startsWith('#')) calls.names.add(method);
  if (holder === undefined) return;
  if (A_STORE.test(holder) || AN_OUTPUT.test(holder)) calls.ofStores.add(method);
  if (AN_OUTPUT.test(holder)) calls.ofOutputs.add(method);
}

/** The last word of the name on which a method is called. */
function holderOf(receiver: Node): string | undefined {
  if (receiver.type === 'CallExpression') return holderOf(receiver.callee as Node);
  return nameOf(receiver.type === 'MemberExpression' ? receiver.property : receiver);
}

function nameOf(node: unknown): string | undefined {
  const { type, name } = (node ?? {}) as { type?: string; name?: string };
  if (type === 'Identifier') return name;
  return type === 'PrivateIdentifier' ? `#${name}` : undefined;
}

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesIn(each);
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value && typeof value.type === 'string') yield value as Node;
    for (const child of Object.values(value)) yield* nodesIn(child);
  }
}

const programOf = (root: string, { path }: SourceFile): Node =>
  parseSync(path, readFileSync(join(root, path), 'utf8')).program as unknown as Node;
