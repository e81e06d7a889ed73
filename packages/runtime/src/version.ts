/** Which Setlist this is, for whoever looks at the command, at a service or at its traces. */
import { readFileSync } from 'node:fs';

/** Stands above all workspaces: in a clone, in an image and in the published package. */
const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');

export const VERSION = (JSON.parse(manifest) as { version: string }).version;
