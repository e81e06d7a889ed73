/** What a set file can't know and the door must: whether this installation can do what the set asks for. */
import {
  MAX_EVENT_BYTES,
  type ParsedItem,
  type ParsedSet,
  type Problem,
  type Provider,
} from '@setlist/contracts';
import { formatUsd, LIMITS, type Usd } from '@setlist/polly';
import type { Places } from './places.ts';
import { exceeds } from './prices.ts';

/** What there is behind the door. */
export interface Door {
  readonly provider: Provider;
  /** Whether a bucket is configured, into which Polly's tasks write. */
  readonly hasTaskBucket: boolean;
  /** The channels that a set may name in `notify`. */
  readonly channels: readonly string[];
  /** SHA-256 of the lexicons that exist, by name. */
  readonly lexicons: ReadonlyMap<string, string>;
  /** What the set costs, sounds already paid for left out; needed only where it has a budget. */
  readonly unpaidCost?: Usd;
}

export interface DoorCheck {
  /** By position; the first thousand. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

const MAX_PROBLEMS = 1_000;
/** Room for an event's other fields beside its text. */
const EVENT_FRAME_BYTES = 16_384;
/** No character takes more bytes in JSON, so that shorter texts need no measuring. */
const MAX_BYTES_PER_CHARACTER = 6;

/** Everything at once, like the parser; an empty list lets the set in. */
export function checkDoor(set: ParsedSet, door: Door, places: Places): DoorCheck {
  const problems: Problem[] = [...headerProblems(set, door, places), ...lexiconProblems(set, door, places)];
  let problemCount = problems.length;
  for (const problem of itemProblems(set, door, places)) {
    problemCount++;
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { problems: problems.slice(0, MAX_PROBLEMS), problemCount };
}

function* headerProblems(set: ParsedSet, door: Door, places: Places): Generator<Problem> {
  const { notify, budgetUsd } = set;
  for (const [index, channel] of notify.entries()) {
    if (door.channels.includes(channel)) continue;
    const known = door.channels.join(', ');
    yield {
      ...places.header('notify'),
      path: `set.notify[${index}]`,
      code: 'unknown-channel',
      message: `there is no channel ${JSON.stringify(channel)} to notify`,
      remedy: known
        ? `name one of: ${known}; or add it to NOTIFY_CHANNELS`
        : 'remove "notify", or name the channels there are in NOTIFY_CHANNELS',
    };
  }
  if (budgetUsd !== undefined && door.unpaidCost !== undefined && exceeds(door.unpaidCost, budgetUsd)) {
    yield {
      ...places.header('budget'),
      path: 'set.budget',
      code: 'over-budget',
      message: `what is not paid for yet costs ${formatUsd(door.unpaidCost)} USD, more than the budget of ${budgetUsd} USD`,
      remedy: 'raise the budget, choose a cheaper engine, or take items out',
    };
  }
}

/** Each lexicon that is missing once, at the first item that names it. */
function* lexiconProblems({ items }: ParsedSet, door: Door, places: Places): Generator<Problem> {
  const missing = new Map<string, { first: ParsedItem; items: number }>();
  for (const item of items) {
    for (const name of item.lexicons) {
      if (door.lexicons.has(name)) continue;
      const known = missing.get(name);
      missing.set(name, { first: known?.first ?? item, items: (known?.items ?? 0) + 1 });
    }
  }
  const where = door.provider === 'polly' ? 'Amazon Polly' : 'the local engine';
  for (const [name, { first, items: count }] of missing) {
    yield {
      ...places.item(first.line),
      path: `items[${first.index}].lexicons`,
      code: 'no-such-lexicon',
      message: `${where} has no lexicon ${JSON.stringify(name)}, which ${count === 1 ? 'this item names' : `${count} items name`}`,
      remedy: 'put the lexicon there first, or take its name out',
    };
  }
}

function* itemProblems({ items }: ParsedSet, door: Door, places: Places): Generator<Problem> {
  for (const item of items) {
    const at = () => ({ ...places.item(item.line), path: `items[${item.index}].text` });
    if (item.operation === 'task' && !door.hasTaskBucket) {
      yield { ...at(), code: 'needs-task-bucket', ...withoutBucket(item) };
    }
    if (!fitsIntoEvent(item.text)) {
      yield {
        ...at(),
        code: 'text-too-large',
        message: `the text takes more than ${MAX_EVENT_BYTES - EVENT_FRAME_BYTES} bytes as JSON, which the log can't hold`,
        remedy: 'split it into several items',
      };
    }
  }
}

function withoutBucket({ billedCharacters }: ParsedItem): Pick<Problem, 'message' | 'remedy'> {
  const { billed, total } = LIMITS.synthesize;
  const longer =
    billedCharacters > billed
      ? `is longer than ${billed} billed characters (it has ${billedCharacters})`
      : `is longer than ${total} characters, tags included`;
  return {
    message: `the text ${longer}, so that it needs a task, and a task needs a bucket`,
    remedy: 'set TASK_BUCKET to a bucket in the region of Amazon Polly, or split the text',
  };
}

const fitsIntoEvent = (text: string): boolean =>
  text.length * MAX_BYTES_PER_CHARACTER <= MAX_EVENT_BYTES - EVENT_FRAME_BYTES ||
  Buffer.byteLength(JSON.stringify(text)) <= MAX_EVENT_BYTES - EVENT_FRAME_BYTES;
