/** The errors for a log or a set that doesn't exist. */
import { type CommandFailed, missing, refused } from './failure.ts';
import { commandsFor, type Reach } from './output/text/told-command.ts';

export const noLog = (
  path: string,
  remedy = 'Name the data folder with --data, or a broker with --server.',
): CommandFailed => missing(`there is no log in ${path} yet`, remedy);

export const noSets = (path: string, remedy: string): CommandFailed =>
  missing(`there are no sets in ${path} yet`, `Name the data folder with --data${remedy}`);

export const noSuchSet = (wanted: string, reach: Reach): CommandFailed =>
  refused(
    `there is no set ${JSON.stringify(wanted)} here`,
    `"${commandsFor(reach)('status')}" lists the existing sets by id.`,
  );
