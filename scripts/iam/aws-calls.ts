/** Which calls to AWS each service makes, read from the sources that its main.ts reaches. */
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
/** A store is called one wherever its methods are: `desk.store.put`, `inbox.list`, `this.#store.head`. */
const A_STORE = /^#?(\w*store|output|inbox|bucket)$/i;
const PAGINATOR = /^paginate(\w+)$/;
const COMMAND = /^(\w+)Command$/;

/** One function, method or whole file: the commands that it sends, and what else it calls by name. */
interface Calls {
  readonly commands: Set<string>;
  readonly names: Set<string>;
  /** Methods called on what is named like a store. */
  readonly ofStores: Set<string>;
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Names of commands as the SDK has them, such as `PutObject`, by service. */
export function awsCallsByService(root: string, tree: SourceTree): ReadonlyMap<string, ReadonlySet<string>> {
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
      const commands = new Set(calls.flatMap(({ commands }) => [...commands]));
      const wanted = calls.flatMap(({ names, ofStores }) => [
        ...ofStores,
        ...[...names].filter((name) => storage.exported.has(name)),
      ]);
      for (const command of commandsBehind(storage.functions, wanted)) commands.add(command);
      return [service, commands] as const;
    }),
  );
}

/** Every file that a file leads to by its imports, itself included; of another workspace what is taken from it by name. */
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
    // A folder's store calls nothing of AWS, and has methods of the same names.
    if (!file.path.startsWith(STORAGE) || file.path.includes('/folder-') || file.forTests) continue;
    for (const node of nodesIn(programOf(root, file))) {
      const name =
        node.type === 'MethodDefinition'
          ? nameOf(node.key)
          : node.type === 'FunctionDeclaration'
            ? nameOf(node.id)
            : undefined;
      if (name === undefined) continue;
      if (node.type === 'FunctionDeclaration') exported.add(name);
      const { commands, names, ofStores } = callsIn(node);
      const known = functions.get(name);
      functions.set(name, {
        commands: new Set([...(known?.commands ?? []), ...commands]),
        names: new Set([...(known?.names ?? []), ...names]),
        ofStores: new Set([...(known?.ofStores ?? []), ...ofStores]),
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
  const calls: Calls = { commands: new Set(), names: new Set(), ofStores: new Set() };
  for (const node of nodesIn(root)) {
    const { callee } = node as { callee?: Node };
    if (callee === undefined) continue;
    const name = nameOf(callee);
    const paginated = name && PAGINATOR.exec(name)?.[1];
    const command = name && node.type === 'NewExpression' ? COMMAND.exec(name)?.[1] : undefined;
    if (paginated) calls.commands.add(paginated);
    else if (command) calls.commands.add(command);
    else if (name) calls.names.add(name);
    if (callee.type === 'MemberExpression') noteMember(callee, calls);
  }
  return calls;
}

/** `this.#write()` is a call of our own, `store.put()` one of a store. */
function noteMember({ object, property }: Node, calls: Calls): void {
  const method = nameOf(property);
  const receiver = object as Node;
  const holder = nameOf(receiver.type === 'MemberExpression' ? receiver.property : receiver);
  if (method === undefined) return;
  if (receiver.type === 'ThisExpression' || method.startsWith('#')) calls.names.add(method);
  if (holder !== undefined && A_STORE.test(holder)) calls.ofStores.add(method);
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
