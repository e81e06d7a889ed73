/** Which workspaces a published command consists of, and which packages of others it needs. */
import { type Workspace, workspacesOf } from '../workspaces.ts';

/** The workspaces that these need, with themselves, in the order in which they are met. */
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
 * What npm has to install beside these parts, each in the one range that all who need it name.
 * @throws Error where two name different ones: one of them would get what it was not tested with
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
