/** The lines that `up` prints about sets, one for each thing that happens. */
import {
  countOf,
  dollars,
  duration,
  type EventData,
  fileNameOfUri,
  grouped,
  reportKeys,
  type SetlistEvent,
  type SetSummary,
} from '@setlist/contracts';
import { parseUsd } from '@setlist/polly';
import { doneOf } from './progress-line.ts';
import { byWhom } from './steering.ts';
import { percent } from './text/figures.ts';
import type { Palette } from './text/terminal.ts';
import type { ToldCommand } from './text/told-command.ts';

const REPORT_LINES = 3;

/** The lines for an event; none for one that is not worth a line. */
export function newsOf(event: SetlistEvent, paint: Palette, command: ToldCommand): string[] {
  const id = event.setId ?? '';
  switch (event.name) {
    case 'SetAccepted':
      return accepted(id, event.data, paint);
    case 'SetRejected':
      return rejected(event.data, paint);
    case 'SetCompleted': {
      const { counts, startedAt, endedAt, set, costUsd } = event.data;
      const tookMs = Date.parse(endedAt) - Date.parse(startedAt);
      const { total, completed, failed, reused } = counts;
      const cost = parseUsd(costUsd) > 0n ? `, ${dollars(costUsd)}` : '';
      const line = `${id}: ${grouped(completed)} of ${grouped(total)} in ${duration(tookMs)}, ${grouped(reused)} reused${cost} → ${set.location}`;
      if (failed === 0) return [`${paint.green('done')}       ${line}`];
      return [
        `${paint.yellow('done')}       ${line}`,
        `           ${countOf(failed, 'item')} failed: ${command(`status ${id} --failed`)}`,
      ];
    }
    case 'SetStalled': {
      const quiet = duration(event.data.quietMs);
      return [
        `${paint.yellow('stalled')}    ${id}: no progress for ${quiet}; see "${command(`status ${id}`)}" and the log`,
      ];
    }
    case 'SetUnstalled':
      return [`${paint.green('moving')}     ${id}: progress again`];
    case 'SetPaused':
    case 'SetCancelled':
      return [`${paint.yellow(HEADS[event.name])}${id}, ${byWhom(event)}`];
    case 'SetResumed':
      return [`${paint.cyan(HEADS[event.name])}${id}, ${byWhom(event)}`];
    case 'SetPrioritized':
      return [`${paint.cyan(HEADS[event.name])}${id}: ${event.data.priority}, ${byWhom(event)}`];
    case 'SetRetried':
      return [
        `${paint.cyan(HEADS[event.name])}${id}: ${countOf(event.data.items, 'item')} again, ${byWhom(event)}`,
      ];
    default:
      return [];
  }
}

const HEADS = {
  SetPaused: 'paused     ',
  SetCancelled: 'cancelled  ',
  SetResumed: 'resumed    ',
  SetPrioritized: 'priority   ',
  SetRetried: 'retrying   ',
} as const;

function accepted(id: string, data: EventData<'SetAccepted'>, paint: Palette): string[] {
  const { itemCount, billedCharacters, estimatedUsd, provider, warnings, source } = data;
  const price = provider === 'polly' ? `, ${dollars(estimatedUsd)} at most` : '';
  const line = `${id}: ${countOf(itemCount, 'item')}, ${countOf(billedCharacters, 'character')}${price}`;
  const about = `${countOf(warnings, 'warning')} about ${fileNameOfUri(source.uri)}`;
  return [
    `${paint.cyan('accepted')}   ${line}`,
    ...(warnings > 0 ? [`           ${about}: see ${warningsOf(source.uri)}`] : []),
  ];
}

/** Where ingest writes the warnings; beside an object that was replaced before it was accepted, it writes none. */
const warningsOf = (uri: string): string =>
  uri.startsWith('s3://')
    ? `${reportKeys(uri).warnings}, unless the file was replaced before it was accepted`
    : "the .warnings.txt beside it in the inbox's done/ folder";

/** Where ingest writes the report; beside an object that was replaced before it was refused, it writes none. */
const reportOf = (uri: string): string =>
  uri.startsWith('s3://')
    ? `${reportKeys(uri).text}, unless the file was replaced before it was refused`
    : "beside it in the inbox's rejected/ folder";

function rejected(data: EventData<'SetRejected'>, paint: Palette): string[] {
  const { source, problems, problemCount } = data;
  const file = fileNameOfUri(source.uri);
  return [
    `${paint.red('refused')}    ${file}: ${countOf(problemCount, 'problem')}; the report is ${reportOf(source.uri)}`,
    ...problems
      .slice(0, REPORT_LINES)
      .map(
        ({ line, column, message, remedy }) => `           ${file}:${line}:${column}: ${message} (${remedy})`,
      ),
    ...(problemCount > REPORT_LINES ? [`           and ${grouped(problemCount - REPORT_LINES)} more`] : []),
  ];
}

/** The line about a running set's progress: `30 %`. */
export function milestone(summary: SetSummary, paint: Palette): string {
  const { setId, counts } = summary;
  const failed = counts.failed > 0 ? `, ${grouped(counts.failed)} failed` : '';
  const share = percent(doneOf(summary), counts.total).padEnd(11);
  return `${paint.dim(share)}${setId}: ${grouped(doneOf(summary))} of ${grouped(counts.total)}${failed}`;
}
