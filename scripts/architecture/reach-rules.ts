/** Rules about what code may reach over any number of imports: only one service pays, and replaying code can only read. */
import {
  type Finding,
  importedWorkspace,
  isRelative,
  resolveRelative,
  type SourceTree,
} from './source-tree.ts';

interface Bound {
  /** The prefix of the paths of the files concerned. */
  readonly from: string;
  /** Packages and workspaces that none of them may reach; a trailing `*` matches any name with that prefix. */
  readonly never: readonly string[];
  readonly because: string;
}

const CALLS_AND_MESSAGES = [
  '@aws-sdk/client-polly',
  '@aws-sdk/client-sns',
  '@aws-sdk/client-sqs',
  'nodemailer',
  '@setlist/dispatcher',
  '@setlist/ingest',
  '@setlist/notifier',
];

/** Those that neither pay nor notify anybody. */
const OTHERS = [
  'packages/admission/src/',
  'services/console/src/',
  'services/ingest/src/',
  'services/tracker/src/',
];

const BOUNDS: readonly Bound[] = [
  ...[...OTHERS, 'services/notifier/src/'].map((from) => ({
    from,
    never: ['@aws-sdk/client-polly', '@setlist/dispatcher'],
    because: 'only the dispatcher calls Polly: nothing else can cost anything.',
  })),
  ...[...OTHERS, 'services/dispatcher/src/'].map((from) => ({
    from,
    never: ['@aws-sdk/client-sns', 'nodemailer', '@setlist/notifier'],
    because: 'only the notifier speaks to people.',
  })),
  {
    from: 'packages/audit/src/replay/',
    never: [...CALLS_AND_MESSAGES, '@setlist/storage', '@setlist/sets', '@aws-sdk/*'],
    because: 'replaying has no side effect: it has no client of Polly, mail or storage.',
  },
  ...['packages/audit/src/', 'packages/cli/src/commands/audit/'].map((from) => ({
    from,
    never: CALLS_AND_MESSAGES,
    because: 'the audit only looks back: it pays for nothing and notifies nobody.',
  })),
];

/** Every file that reaches what it must not, with the chain of imports. */
export function reachFindings(tree: SourceTree): Finding[] {
  return BOUNDS.flatMap(({ from, never, because }) =>
    [...tree.files.values()]
      .filter(({ path, forTests }) => path.startsWith(from) && !forTests)
      .flatMap(({ path }) => {
        const way = wayTo(tree, path, never);
        if (way === undefined) return [];
        return [{ file: path, line: 1, rule: 'reach', message: `${because} The way: ${way.join(' → ')}.` }];
      }),
  );
}

/** The shortest chain of imports from a file to something forbidden; type imports don't count, as they are erased. */
function wayTo(tree: SourceTree, start: string, never: readonly string[]): string[] | undefined {
  const ways = new Map([[start, [start]]]);
  for (const [path, way] of ways) {
    for (const { specifier, typeOnly } of tree.files.get(path)?.facts.imports ?? []) {
      if (typeOnly) continue;
      if (never.some((name) => isNamed(specifier, name))) return [...way, specifier];
      const next = fileOf(tree, path, specifier);
      if (next !== undefined && !ways.has(next)) ways.set(next, [...way, next]);
    }
  }
  return undefined;
}

const isNamed = (specifier: string, name: string): boolean =>
  name.endsWith('*')
    ? specifier.startsWith(name.slice(0, -1))
    : specifier === name || specifier.startsWith(`${name}/`);

function fileOf(tree: SourceTree, path: string, specifier: string): string | undefined {
  const file = tree.files.get(path);
  if (file !== undefined && isRelative(specifier)) return resolveRelative(file, specifier);
  const workspace = importedWorkspace(tree, specifier);
  return workspace && `${workspace.folder}/src/index.ts`;
}
