/**
 * Builds the npm package `@setlist/cli`: `node scripts/build-cli.ts [OUT]`, by default into `packages/cli/dist`.
 * It contains every workspace that the command needs, as JavaScript under its path in this repository, so that threads,
 * child processes and templates are found as in a clone. Third-party packages are left for npm to install.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { toJavaScript } from './published/to-javascript.ts';
import { dependenciesOf, partsOf } from './published/workspaces.ts';
import { readManifest, type Workspace } from './workspaces.ts';

const ROOT = resolve(import.meta.dirname, '..');
const COMMAND = '@setlist/cli';
/** A separate program under a separate licence, which the command starts and nothing imports. */
const ENGINE = '@setlist/polly-local';
/** What a workspace needs at run time besides its modules. */
const ASSET_FOLDERS = ['templates', 'dist'] as const;
/** The manual, which messages name, and what it links to. */
const MANUAL = [
  'docs',
  'samples',
  'deploy',
  'packages/contracts/schemas',
  'packages/cli/README.md',
  'packages/polly-local/README.md',
] as const;
/** A built file that must exist before. */
const PAGE = 'services/console/dist/index.html';
const OLDEST_NODE = '>=24';

/** @returns the folder, ready for `npm pack` or `npm publish` */
export function buildCli(out: string): string {
  if (!existsSync(join(ROOT, PAGE))) throw new Error(`${PAGE} is missing: npm run build:page makes it`);
  const parts = partsOf(ROOT, [COMMAND, ENGINE]);
  rmSync(out, { recursive: true, force: true });
  for (const part of parts) writePart(part, parts, out);
  writeRoot(parts, out);
  writeEngineSource(parts, out);
  return out;
}

function writePart({ folder, manifest }: Workspace, parts: readonly Workspace[], out: string): void {
  const indexes = new Map(parts.map((part) => [part.manifest.name, `${part.folder}/src/index.ts`]));
  const modules = globSync('src/**/*.ts', { cwd: join(ROOT, folder) });
  for (const name of modules) {
    if (name.endsWith('.test.ts') || name.endsWith('.d.ts')) continue;
    const path = `${folder}/${name}`;
    const source = readFileSync(join(ROOT, path), 'utf8');
    const script = toJavaScript({ path, source }, (specifier) => indexes.get(specifier));
    write(join(out, path.replace(/\.ts$/, '.js')), script);
  }
  for (const asset of folder === 'packages/cli' ? [] : ASSET_FOLDERS) {
    const from = join(ROOT, folder, asset);
    if (existsSync(from)) cpSync(from, join(out, folder, asset), { recursive: true });
  }
  const { name, version, license } = manifest;
  write(join(out, folder, 'package.json'), json({ name, version, license, type: 'module', private: true }));
}

function writeRoot(parts: readonly Workspace[], out: string): void {
  const { version } = readManifest(ROOT);
  const manifest = {
    // On npm, the bare name of the command is somebody else's package.
    name: COMMAND,
    version,
    description:
      'Turns files of phrases into audio with Amazon Polly: in bulk, for the least money, in the least time.',
    license: 'Apache-2.0 AND GPL-3.0-or-later',
    type: 'module',
    engines: { node: OLDEST_NODE },
    bin: { setlist: 'setlist.js' },
    dependencies: dependenciesOf(parts),
  };
  write(join(out, 'package.json'), json(manifest));
  for (const name of ['setlist.js', 'README.md']) {
    copyFileSync(join(ROOT, 'packages/cli/published', name), join(out, name));
  }
  for (const name of ['LICENSE', 'NOTICE']) copyFileSync(join(ROOT, name), join(out, name));
  for (const path of MANUAL) cpSync(join(ROOT, path), join(out, path), { recursive: true });
}

/** Adds the engine's original source, as its licence requires. */
function writeEngineSource(parts: readonly Workspace[], out: string): void {
  const engine = parts.find(({ manifest }) => manifest.name === ENGINE);
  if (engine === undefined) throw new Error(`${ENGINE} is not among the parts`);
  const { folder } = engine;
  for (const name of ['LICENSE', 'NOTICE']) copyFileSync(join(ROOT, folder, name), join(out, folder, name));
  const source = ['package.json', 'README.md', 'LICENSE', 'NOTICE', 'src'].map((name) => `${folder}/${name}`);
  const archive = join(out, folder, 'source.tar.gz');
  const { status, stderr } = spawnSync('tar', ['-czf', archive, '-C', ROOT, ...source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar could not write ${archive}: ${stderr}`);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

if (import.meta.main) {
  const out = buildCli(resolve(process.argv[2] ?? join(ROOT, 'packages/cli/dist')));
  process.stdout.write(
    `${out}\nPack it with "npm pack ${out}", or publish it with "npm publish --access public ${out}".\n`,
  );
}
