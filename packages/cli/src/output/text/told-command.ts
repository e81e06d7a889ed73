/** Commands as users are told them: to be typed as they stand, by whoever said where the log is, or didn't. */
import { shellWord } from '@setlist/contracts';
import { redactUrl } from '@setlist/runtime';
import { DEFAULT_DATA } from '../../system/folder/data-folder.ts';

/** How the command at work was told where the log is. */
export interface Reach {
  readonly data: string;
  readonly server?: string | undefined;
}

/** Makes `setlist status --data 'my folder'` of `status`. */
export type ToldCommand = (command: string) => string;

/** The password in a broker's URL is told to nobody. */
export function commandsFor({ data, server }: Reach): ToldCommand {
  const folder = data === DEFAULT_DATA ? '' : ` --data ${shellWord(data)}`;
  const where = server === undefined ? folder : ` --server ${shellWord(redactUrl(server))}`;
  return (command) => `setlist ${command}${where}`;
}
