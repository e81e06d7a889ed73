/** Asks the system running on a data folder, if there is one, whether its parts answer. */
import { type LexiconQuestion, lexiconsSubject } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { messageOf, redactUrl } from '@setlist/runtime';
import type { ToldCommand } from '../output/text/told-command.ts';
import type { DataFolder } from '../system/folder/data-folder.ts';
import { lockHolder } from '../system/folder/lock.ts';
import { type RunningSystem, runningSystem } from '../system/folder/system-note.ts';
import type { Finding } from './finding.ts';

const about = 'running system';

export async function checkRunningSystem(data: DataFolder, command: ToldCommand): Promise<Finding> {
  try {
    const system = runningSystem(data);
    if (system) return await checkAnswers(system);
    const holder = lockHolder(data.path);
    const found = holder
      ? `${data.path} is in use by "${holder.command}" (process ${holder.pid})`
      : `none; "${command('up')}" starts one`;
    return { level: 'ok', about, found };
  } catch (error) {
    return {
      level: 'missing',
      about,
      found: messageOf(error),
      remedy: 'Run this as the user who started the system, or name another folder with --data.',
    };
  }
}

async function checkAnswers({ broker, holder, inbox, provider }: RunningSystem): Promise<Finding> {
  try {
    await using log = await openEventLog({
      servers: broker,
      name: 'setlist-doctor',
      connectTimeoutMs: 3_000,
    });
    await log.ask(lexiconsSubject(provider), { provider, names: [] } satisfies LexiconQuestion, 3_000);
    return {
      level: 'ok',
      about,
      found: `"${holder.command}" (process ${holder.pid}), watching ${inbox}; broker ${redactUrl(broker)}`,
    };
  } catch (error) {
    return {
      level: 'missing',
      about,
      found: `"${holder.command}" (process ${holder.pid}): ${messageOf(error)}`,
      remedy: 'Stop it and start it again: the work resumes from the log.',
    };
  }
}
