/** The version of Setlist, for the command, the services and their traces. */
import { readFileSync } from 'node:fs';

/** The package.json above all workspaces: in a clone, in an image and in the published package. */
const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');

export const VERSION = (JSON.parse(manifest) as { version: string }).version;
