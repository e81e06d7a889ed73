/** The id, in the log, of a command that works beside dispatchers: a new one for each run. */
import { randomUUID } from 'node:crypto';

export const commandId = (): string => `cli-${randomUUID().slice(0, 8)}`;
