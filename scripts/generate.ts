/** Writes the files derived from the code: published schemas and the manual's tables. `--check` only compares. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EVENTS, type EventName, versionedType } from '@setlist/contracts';
import { setFileJsonSchema } from '@setlist/set-file';
import { codesPage } from './generate/codes-page.ts';
import { eventsPage } from './generate/events-page.ts';
import { metricsPage } from './generate/metrics-page.ts';
import { publishedShapes, SHAPES_FILE } from './generate/published-shapes.ts';
import { asyncApiDocument } from './generate/schemas/asyncapi.ts';
import { eventJsonSchema } from './generate/schemas/event-schema.ts';
import { manifestJsonSchema } from './generate/schemas/manifest-schema.ts';
import { settingsPage } from './generate/settings-page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Path below the root → its generated content. */
async function generated(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of Object.keys(EVENTS) as EventName[]) {
    const file = `packages/contracts/schemas/events/${versionedType(EVENTS[name])}.schema.json`;
    files.set(file, json(eventJsonSchema(name)));
  }
  files.set('packages/contracts/schemas/set-file.schema.json', json(setFileJsonSchema()));
  files.set('packages/contracts/schemas/manifest.v1.schema.json', json(manifestJsonSchema()));
  files.set('packages/contracts/schemas/asyncapi.json', json(asyncApiDocument()));
  files.set(SHAPES_FILE, json(await publishedShapes(ROOT)));
  files.set('docs/codes.md', codesPage());
  files.set('docs/events.md', eventsPage());
  files.set('docs/metrics.md', metricsPage());
  files.set('docs/settings.md', settingsPage());
  return files;
}

const checking = process.argv.includes('--check');
const stale: string[] = [];
for (const [file, text] of await generated()) {
  const path = `${ROOT}${file}`;
  const standing = await readFile(path, 'utf8').catch(() => undefined);
  if (standing === text) continue;
  stale.push(file);
  if (checking) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
const summary = stale.length === 0 ? 'all generated files are up to date' : stale.join('\n  ');
if (stale.length === 0) process.stdout.write(`${summary}\n`);
else if (checking) {
  process.stderr.write(`out of date; run \`npm run generate\` and commit:\n  ${summary}\n`);
  process.exitCode = 1;
} else process.stdout.write(`written:\n  ${summary}\n`);
