/** The workspaces that make up a published command, and the third-party packages that it needs. */
import { type Workspace, workspacesOf } from '../workspaces.ts';

/** These workspaces and all that they need, in the order of discovery. */
export function partsOf(root: string, names: readonly string[]): Workspace[] {
  const all = new Map(workspacesOf(root).map((part) => [part.manifest.name, part]));
  const met = new Map<string, Workspace>();
  const waiting = [...names];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const part = all.get(name);
    if (part === undefined) throw new Error(`there is no workspace ${name}`);
    if (met.has(name)) continue;
    met.set(name, part);
    waiting.push(...Object.keys(part.manifest.dependencies ?? {}).filter((other) => all.has(other)));
  }
  return [...met.values()];
}

/**
 * The packages that npm must install besides these parts, each in the one range that all parts name.
 * @throws Error if two parts name different ranges: one of them would get a version that it was not tested with
 */
export function dependenciesOf(parts: readonly Workspace[]): Record<string, string> {
  const own = new Set(parts.map(({ manifest }) => manifest.name));
  const needed = new Map<string, { range: string; by: string }>();
  for (const { folder, manifest } of parts) {
    for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
      if (own.has(name)) continue;
      const known = needed.get(name);
      if (known !== undefined && known.range !== range) {
        throw new Error(
          `${known.by} needs ${name} ${known.range}, ${folder} ${range}: write one range in both`,
        );
      }
      needed.set(name, { range, by: folder });
    }
  }
  return Object.fromEntries(
    [...needed].sort(([a], [b]) => a.localeCompare(b)).map(([name, { range }]) => [name, range]),
  );
}
