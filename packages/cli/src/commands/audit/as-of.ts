/** `setlist audit as-of`: the sets as of a moment in the past. */
import { allSetsAsOf, type Moment, Snapshots, setAsOf } from '@setlist/audit';
import { countOf } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { refused } from '../../failure.ts';
import { setJson } from '../../output/set-json.ts';
import { setHeading, setsTable } from '../../output/set-tables.ts';
import { commandsFor, type Reach } from '../../output/text/told-command.ts';
import type { Surroundings } from '../../surroundings.ts';
import { momentOf, notShown, openedLog, setIdOf, snapshotsFolder } from './places.ts';

export interface AsOfFlags extends Reach {
  readonly json?: boolean;
}

/** How a time was understood: a day means its first moment, and a time without a zone is UTC. */
const asRead = (moment: Moment): string => ('time' in moment ? `${moment.time.toISOString()}: ` : '');

/** The note for a moment beyond the end of the log: what is shown can still change. */
async function beyondEnd(log: EventLog, moment: Moment): Promise<string | undefined> {
  if ('seq' in moment) {
    const head = await log.head();
    return moment.seq > head ? `The log ends with event ${head}: this is the state now.` : undefined;
  }
  return moment.time.getTime() > log.clock.now()
    ? 'That is in the future: this is the state now.'
    : undefined;
}

export async function auditAsOf(
  text: string,
  wanted: string | undefined,
  flags: AsOfFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal } = here;
  const moment = momentOf(text, 'the moment');
  await using opened = await openedLog(flags, here, 'setlist audit as-of');
  const { log, data } = opened;
  const snapshots = new Snapshots(snapshotsFolder(data));
  const started = performance.now();
  const onProgress = (folded: number): void =>
    terminal.show([`No snapshot nearby: ${folded} events folded so far.`]);
  const setId = wanted === undefined ? undefined : await setIdOf(log, wanted, flags);
  const found =
    setId === undefined
      ? await allSetsAsOf(log, moment, snapshots, { onProgress })
      : await setAsOf(log, moment, setId, snapshots);
  terminal.clear();
  if (found.archived) terminal.say(notShown(found.archived));
  const [one] = found.sets;
  if (setId !== undefined && one === undefined) {
    const remedy = `"${commandsFor(flags)(`replay ${setId}`)}" shows when it began.`;
    throw refused(`${setId} had not begun yet at event ${found.seq}`, remedy);
  }
  if (flags.json)
    for (const set of found.sets) terminal.print(JSON.stringify({ asOf: found.seq, ...setJson(set) }));
  else {
    const ms = Math.round(performance.now() - started);
    const from = found.fromSnapshot > 0 ? `the snapshot at ${found.fromSnapshot}` : 'the beginning';
    terminal.say(
      terminal.paintSaid.dim(
        `${asRead(moment)}After event ${found.seq}; ${countOf(found.folded, 'event')} folded from ${from} in ${ms} ms.`,
      ),
    );
    const beyond = await beyondEnd(log, moment);
    if (beyond !== undefined) terminal.say(beyond);
    if (setId !== undefined && one) for (const line of setHeading(one, terminal.paint)) terminal.print(line);
    else if (found.sets.length === 0)
      terminal.say(found.archived ? 'The log has no sets from that time.' : 'There were no sets yet.');
    else for (const line of setsTable(found.sets, terminal.paint)) terminal.print(line);
  }
  return EXIT.done;
}
