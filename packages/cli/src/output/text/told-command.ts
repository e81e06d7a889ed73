/** Commands for users to copy: they repeat the options that say where the log is. */
import { shellWord } from '@setlist/contracts';
import { redactUrl } from '@setlist/runtime';
import { DEFAULT_DATA } from '../../system/folder/data-folder.ts';

/** The options by which the current command was told where the log is. */
export interface Reach {
  readonly data: string;
  readonly server?: string | undefined;
}

/** Turns `status` into `setlist status --data 'my folder'`. */
export type ToldCommand = (command: string) => string;

/** Masks the password in a broker's URL. */
export function commandsFor({ data, server }: Reach): ToldCommand {
  const folder = data === DEFAULT_DATA ? '' : ` --data ${shellWord(data)}`;
  const where = server === undefined ? folder : ` --server ${shellWord(redactUrl(server))}`;
  return (command) => `setlist ${command}${where}`;
}
