/** What a command that works beside dispatchers is called in the log: each run of it is another. */
import { randomUUID } from 'node:crypto';

export const commandId = (): string => `cli-${randomUUID().slice(0, 8)}`;
