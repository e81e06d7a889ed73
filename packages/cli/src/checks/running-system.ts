/** Asks the system running on a data folder, if there is one, whether its parts answer. */
import { type LexiconQuestion, lexiconsSubject } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { messageOf, redactUrl } from '@setlist/runtime';
import type { DataFolder } from '../system/folder/data-folder.ts';
import { lockHolder } from '../system/folder/lock.ts';
import { runningSystem } from '../system/folder/system-note.ts';
import type { Finding } from './finding.ts';

const about = 'running system';
const remedy = 'Stop it and start it again: the work resumes from the log.';

export async function checkRunningSystem(data: DataFolder): Promise<Finding> {
  const system = runningSystem(data);
  if (system === undefined) {
    const holder = lockHolder(data.path);
    const found = holder
      ? `${data.path} is in use by "${holder.command}" (process ${holder.pid})`
      : 'none; "setlist up" starts one';
    return { level: 'ok', about, found };
  }
  const { broker, holder, inbox, provider } = system;
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
      remedy,
    };
  }
}
