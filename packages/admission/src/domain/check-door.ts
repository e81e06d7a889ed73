/** The checks that need more than the set file: whether this installation can do what the set asks for. */
import { checkObjectKey, manifestKeys, type Provider, quote } from '@setlist/contracts';
import { LIMITS, LOCAL_AUDIO_FORMATS } from '@setlist/polly';
import { deadlineAt, type Problem, type SetTerms } from '@setlist/set-file';
import { MAX_TEXT_BYTES } from './event-size.ts';
import type { RunTerms } from './run-options.ts';
import type { ItemPlace, ItemsFound, SetSurvey } from './survey.ts';

/** What this installation has. */
export interface Door {
  readonly provider: Provider;
  /** Whether a bucket is configured for Polly's tasks to write into. */
  readonly hasTaskBucket: boolean;
  /** The channels that a set may name in `notify`. */
  readonly channels: readonly string[];
  /** SHA-256 of the lexicons that exist, by name. */
  readonly lexicons: ReadonlyMap<string, string>;
  /** The inbox, if any, in which the files of a set with this prefix would land; unknown to checks before the door. */
  readonly inboxOf?: (prefix: string) => string | undefined;
  /** URI of the store in which the set's files land; unknown to checks before the door. */
  readonly output?: string;
  /** The broker's clock. */
  readonly now: Date;
}

/** What is known of this installation without asking a dispatcher. */
export type KnownDoor = Pick<Door, 'provider' | 'hasTaskBucket' | 'channels'>;

/** What is to be let in: the set, the counts of its items, and the terms of this run. */
export interface Applicant {
  readonly set: SetTerms;
  readonly survey: SetSurvey;
  readonly terms: RunTerms;
}

export interface DoorCheck {
  /** The first thousand problems, by position. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

const MAX_PROBLEMS = 1_000;

/** Reports all problems at once, like the parser; an empty list lets the set in. */
export function checkDoor({ set, survey, terms }: Applicant, door: Door): DoorCheck {
  const { needTask, tooLarge } = survey;
  const problems = [
    ...placeProblems(set, survey, door),
    ...headerProblems(set, door),
    ...deadlineProblems(set, terms, door),
    ...lexiconProblems(survey, door),
    ...formatProblems(survey, door),
    ...(door.hasTaskBucket ? [] : needTask.first.map(needsBucket)),
    ...tooLarge.first.map(tooLargeForEvent),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  const unlisted = (door.hasTaskBucket ? 0 : unlistedOf(needTask)) + unlistedOf(tooLarge);
  return { problems: problems.slice(0, MAX_PROBLEMS), problemCount: problems.length + unlisted };
}

/** The same without a dispatcher to ask which lexicons exist: lexicons pass here, and ingest checks them. */
export const checkKnownDoor = (applicant: Applicant, door: KnownDoor, now: Date): DoorCheck =>
  checkDoor(applicant, {
    ...door,
    lexicons: new Map(applicant.survey.lexicons.map(({ name }) => [name, ''])),
    now,
  });

const unlistedOf = ({ count, first }: ItemsFound): number => count - first.length;

/** Where a key of `set` is in the file. */
export const placeOfKey = ({ places }: SetTerms, key: string): Pick<Problem, 'line' | 'column'> =>
  places[key] ?? { line: 1, column: 1 };

/** At most one: whether the output can hold the names comes first, since only then the set has a place there. */
function* placeProblems(set: SetTerms, survey: SetSurvey, door: Door): Generator<Problem> {
  const tooLong = nameTooLong(set, survey, door);
  if (tooLong !== undefined) return yield tooLong;
  const inbox = door.inboxOf?.(set.prefix);
  if (inbox !== undefined) yield prefixInInbox(set, inbox);
}

/** At the name, if the file gives no prefix: the name is the prefix then. */
function placeOfPrefix(set: SetTerms): Pick<Problem, 'line' | 'column' | 'path'> {
  const key = 'output-prefix' in set.places ? 'output-prefix' : 'name';
  return { ...placeOfKey(set, key), path: `set.${key}` };
}

function* headerProblems(set: SetTerms, door: Door): Generator<Problem> {
  const { notify, paths } = set;
  for (const [index, channel] of notify.entries()) {
    if (!door.channels.includes(channel)) yield unknownChannel(set, index, door.channels);
  }
  if (paths === 'both' && !door.hasTaskBucket) {
    yield {
      ...placeOfKey(set, 'paths'),
      path: 'set.paths',
      code: 'paths-need-bucket',
      message: '"paths: both" asks for tasks beside calls, and a task needs a bucket',
      remedy:
        'name a bucket in the region of Amazon Polly by --task-bucket or TASK_BUCKET, or remove "paths"',
    };
  }
}

/** A prefix of the output in its bucket is part of every name; the parser doesn't know it. */
function nameTooLong(set: SetTerms, { longestFile }: SetSurvey, { output = '' }: Door): Problem | undefined {
  const { prefix } = set;
  const [, base] = /^s3:\/\/[^/]+\/(.+)$/.exec(output) ?? [];
  if (base === undefined) return undefined;
  for (const key of [`${prefix}/${longestFile}`, ...Object.values(manifestKeys(prefix))]) {
    const fault = checkObjectKey(`${base}/${key}`);
    if (fault === undefined || fault.lenient) continue;
    return {
      ...placeOfPrefix(set),
      code: 'name-too-long',
      message: `${output} can't hold its file ${quote(key.slice(prefix.length + 1))}: ${fault.message}`,
      remedy: 'give a shorter "output-prefix", or the file a shorter name',
    };
  }
  return undefined;
}

function prefixInInbox(set: SetTerms, inbox: string): Problem {
  return {
    ...placeOfPrefix(set),
    code: 'prefix-in-inbox',
    message: `its files would land in ${inbox}, which is watched: its manifest would be read as a set file`,
    remedy: `give another "output-prefix" than ${JSON.stringify(set.prefix)}`,
  };
}

function deadlineProblems(set: SetTerms, { deadline }: RunTerms, { now }: Door): Problem[] {
  if (deadline === undefined || (deadlineAt(deadline, now)?.getTime() ?? 0) > now.getTime()) return [];
  const inFile = deadline === set.deadline;
  return [
    {
      ...(inFile ? placeOfKey(set, 'deadline') : { line: 1, column: 1 }),
      path: inFile ? 'set.deadline' : '',
      code: 'deadline-passed',
      message: `the deadline ${deadline} has passed: it is now ${now.toISOString()}`,
      remedy: 'give a later one, or a length of time such as 2h, which counts from the acceptance',
    },
  ];
}

function unknownChannel(set: SetTerms, index: number, channels: readonly string[]): Problem {
  const known = channels.join(', ');
  return {
    ...placeOfKey(set, 'notify'),
    path: `set.notify[${index}]`,
    code: 'unknown-channel',
    message: `there is no channel ${JSON.stringify(set.notify[index])} to notify`,
    remedy: known
      ? `name one of: ${known}; or have the channel set up: docs/messages.md`
      : 'remove "notify", or have the channel set up: docs/messages.md',
  };
}

/** Whether the set names more lexicons than can exist: then nobody need be asked which of them do. */
export const namesTooManyLexicons = ({ lexicons }: SetSurvey): boolean =>
  lexicons.length > LIMITS.lexiconsPerAccount;

/** One problem for each missing lexicon, at the first item that names it; or one for all, if they are too many. */
function lexiconProblems(survey: SetSurvey, door: Door): Problem[] {
  const { lexicons } = survey;
  const where = door.provider === 'polly' ? 'Amazon Polly' : 'the local engine';
  const oneTooMany = lexicons[LIMITS.lexiconsPerAccount];
  if (oneTooMany !== undefined) return [tooManyLexicons(oneTooMany.first, lexicons.length, where)];
  const region =
    door.provider === 'polly'
      ? ', and the region (--region, POLLY_REGION or, for the command, AWS_REGION)'
      : '';
  return lexicons
    .filter(({ name }) => !door.lexicons.has(name))
    .map(({ name, first, items }) => ({
      ...at(first, 'lexicons'),
      code: 'no-such-lexicon',
      message: `${where} has no lexicon ${JSON.stringify(name)}, which ${items === 1 ? 'this item names' : `${items} items name`}`,
      remedy: `check the name, letter case included${region}; put the lexicon there, or take its name out`,
    }));
}

function tooManyLexicons(first: ItemPlace, named: number, where: string): Problem {
  const most = LIMITS.lexiconsPerAccount;
  return {
    ...at(first, 'lexicons'),
    code: 'set-lexicons',
    message: `the items up to this one name more than ${most} lexicons (all items name ${named}), and ${where} holds no more`,
    remedy: `name at most ${most} lexicons in the whole set`,
  };
}

const LOCAL_FORMATS: ReadonlySet<string> = new Set([...LOCAL_AUDIO_FORMATS, 'json']);

/** One problem for each format that the local engine can't make, at the first item that asks for it. */
function formatProblems({ formats }: SetSurvey, { provider }: Door): Problem[] {
  const refused = formats.filter(({ format }) => provider === 'local' && !LOCAL_FORMATS.has(format));
  return refused.map(({ format, items, first }) => ({
    ...at(first, 'output-format'),
    code: 'format-not-local',
    message: `the local engine can't make ${format}, which ${items === 1 ? 'this item asks for' : `${items} items ask for`}`,
    remedy:
      'write "output-format: ogg_vorbis", or have Amazon Polly make it, with --provider polly or PROVIDER=polly',
  }));
}

function needsBucket(place: ItemPlace): Problem {
  const { billed, total } = LIMITS.synthesize;
  const longer =
    place.billedCharacters > billed
      ? `is longer than ${billed} billed characters (it has ${place.billedCharacters})`
      : `is longer than ${total} characters, tags included, or pauses for ten minutes`;
  return {
    ...at(place, 'text'),
    code: 'needs-task-bucket',
    message: `the text ${longer}, so it needs a task, and a task needs a bucket`,
    remedy: 'name a bucket in the region of Amazon Polly by --task-bucket or TASK_BUCKET, or split the text',
  };
}

const tooLargeForEvent = (place: ItemPlace): Problem => ({
  ...at(place, 'text'),
  code: 'text-too-large',
  message: `the text takes more than ${MAX_TEXT_BYTES} bytes as JSON, which the log can't hold`,
  remedy: 'split it into several items',
});

const at = ({ line, column, index }: ItemPlace, key: string): Pick<Problem, 'line' | 'column' | 'path'> => ({
  line,
  column,
  path: `items[${index}].${key}`,
});
