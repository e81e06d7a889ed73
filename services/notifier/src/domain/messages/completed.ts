/** The letter about a set, or a further round of it, whose every item has its outcome. */
import type { EventData, EventOf } from '@setlist/contracts';
import type { Letter, Step, Tone } from './letter.ts';
import { failureList, filesFact, moneyFacts, progressOf } from './set-parts.ts';
import { duration, moment, number, plural } from './wording.ts';

export function completedLetter(event: EventOf<'SetCompleted'>, setId: string): Letter {
  const { set, counts, round, failures, startedAt, endedAt } = event.data;
  const again = round > 1 ? `, round ${round}` : '';
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt));
  return {
    subject: `Setlist: ${set.name} completed${again}, ${outcome(counts)}`,
    title: set.name,
    ...(set.description === undefined ? {} : { description: set.description }),
    status: statusOf(counts),
    lead: completionSentence(event.data),
    progress: progressOf(counts),
    facts: [
      ...moneyFacts(event.data),
      { label: 'Time', value: `${took}, from ${moment(startedAt)} to ${moment(endedAt)}` },
      ...(round > 1 ? [{ label: 'Round', value: number(round) }] : []),
      filesFact(set),
    ],
    ...(counts.failed > 0 ? { faults: failureList(failures, counts.failed) } : {}),
    next: nextSteps(counts.failed, setId),
    setId,
  };
}

/** The sentence that users of Amazon's sample know, word for word; without a description, without the parentheses. */
function completionSentence({ set, counts }: EventData<'SetCompleted'>): string {
  const name = set.description === undefined ? set.name : `${set.name} (${set.description})`;
  return `Your Amazon Polly batch set ${name} completed with ${counts.completed} successful tasks and ${counts.failed} failures. The requested files are in ${set.location}.`;
}

type Outcome = { total: number; completed: number; failed: number };

const outcome = ({ total, failed }: Outcome): string =>
  failed === 0 ? plural(total, 'item') : `${number(failed)} of ${plural(total, 'item')} failed`;

function statusOf({ completed, failed }: Outcome): { label: string; tone: Tone } {
  if (failed === 0) return { label: 'Completed', tone: 'good' };
  if (completed === 0) return { label: 'Every item failed', tone: 'bad' };
  return { label: `Completed with ${plural(failed, 'failure')}`, tone: 'fair' };
}

function nextSteps(failed: number, setId: string): Step[] {
  if (failed === 0) return [{ what: 'See every item of the set:', command: `setlist status ${setId}` }];
  return [
    { what: 'See every failed item with its reason:', command: `setlist status ${setId} --failed` },
    {
      what: 'Where the cause lay outside the file and has passed, ask again for what failed:',
      command: `setlist retry ${setId}`,
    },
    {
      what: 'Where the file has to be mended, mend it and hand it in again. What is already paid for is not paid for again:',
      command: 'setlist submit FILE',
    },
  ];
}
