/** The manual's page of codes: why items fail, and what an audit finds. */
import { NOTES, REMEDIES, UNCHECKED } from '@setlist/audit';
import { POLLY_ERRORS } from '@setlist/polly';

/** The dispatcher's own codes, which are spread over its sources: a test checks these against them. */
export const ITEM_CODES: Readonly<Record<string, string>> = {
  deadline: 'The set’s deadline came first. `setlist retry` ignores the deadline.',
  'lexicon-changed': 'A lexicon was changed or deleted since the set was accepted. Submit the set again.',
  'no-task-bucket': 'The text needs a task, and no bucket is set for tasks: `TASK_BUCKET`.',
  'claims-ran-out': 'Five dispatchers in a row started it and none finished. Their logs say what ended them.',
  'call-timeout':
    'Nothing was heard of the call for `CALL_TIMEOUT`, or its audio was still coming after ten times as long. Calls for speech are tried five times, and each may have been billed.',
  'not-connected':
    'No connection to the provider could be made within five seconds, so nothing was billed. Check the network, and what firewalls let through.',
  'reply-cut': 'The audio broke off in transit five times; each may have been billed.',
  'unreadable-reply':
    'The answer was not speech: it came from a proxy, for example, or another server at the address.',
  'audio-unusable': 'The audio was empty or unreadable three times. Another voice or text may help.',
  'audio-too-large':
    'A task’s audio in the bucket is larger than 1 GiB. Split a long text that is spoken slowly, or find out what else writes there.',
  'audio-cut-off':
    'Polly cuts off a call’s audio after ten minutes, and no task could be used instead: that needs `TASK_BUCKET`, and a sample rate that tasks have. Or split the text.',
  'task-failed': 'Polly says that the task failed; the message has its reason.',
  'task-lost': 'Polly no longer knows the task.',
  'task-audio-missing':
    'The task ended, but its audio is not in the bucket. Check `TASK_STORE`, and what removes objects there.',
  'output-elsewhere': 'The task wrote to a bucket other than `TASK_BUCKET`.',
  'store-loses-audio':
    'The audio that this attempt paid for vanished from `STORE`, or changed, before it was delivered. Find out what does that.',
  'unreadable-request':
    'The request in the log can’t be read, for example because a newer version wrote it. Update dispatchers.',
  'unreadable-sound':
    'The sound’s last event can’t be read, for example because a newer version wrote it. Update dispatchers.',
  'internal-error': 'A bug in Setlist: please report it with the dispatcher’s log.',
  unknown: 'An error without a name; the message has its text.',
};

/** The reasons for giving up a claim, but not an item. */
export const FREED_CODES: Readonly<Record<string, string>> = {
  'put-back':
    'The audio was in the store again. The dispatcher that was making the sound again died; its call may have been billed.',
  'not-called': 'Stopped before the call was made; nothing was billed.',
  collected: 'The sound was unused, and `setlist gc --delete` removed it.',
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const table = (rows: Readonly<Record<string, string>>): string[] => [
  '| code | |',
  '|---|---|',
  ...Object.entries(rows).map(([code, says]) => `| \`${code}\` | ${cell(says)} |`),
  '',
];
const pollyErrors = Object.fromEntries(
  Object.entries(POLLY_ERRORS).flatMap(([name, error]) =>
    error ? [[name, `${error.meaning} ${error.remedy}`] as const] : [],
  ),
);

export function codesPage(): string {
  return [
    '<!-- Made by `npm run generate` from scripts/generate/codes-page.ts and the code. Change it there. -->',
    '# Codes',
    '',
    'Each code comes with its own message and remedy. The codes of set files are in [the set file](set-file.md).',
    '',
    '## Why an item failed',
    '',
    'The code is in `ItemFailed`, in `setlist status SET --failed --json`, and in the manifest. A failure that may be temporary',
    'is retried for `RETRY_FOR`, or until the set’s deadline; then the item fails with the code of its last try, or with',
    '`deadline`.',
    '',
    ...table(ITEM_CODES),
    'Failures of a store begin with `store-`: `store-denied`, `store-damaged`, `store-read-only`, `store-invalid-key`,',
    '`store-invalid-uri`, `store-not-found`, `store-unknown`. After `store-full` and `store-unavailable` the dispatcher waits for',
    'the store. If the provider can’t be reached for other reasons, the code is the network’s own, such as `ECONNREFUSED` or',
    '`ENOTFOUND`, `ECONNRESET` for a connection that was reset, or `ERR_PROXY_TUNNEL` where a proxy refused the connection; for',
    'missing credentials it is `CredentialsProviderError` ([when they are waited for](paths.md#a-deadline)), and for settings of',
    'the AWS SDK that exclude each other `EndpointError`. All other errors have Polly’s name:',
    '',
    ...table(pollyErrors),
    '`SoundFreed` has a reason as well: one of those above, or',
    '',
    ...table(FREED_CODES),
    '## What `audit verify` finds',
    '',
    'If there are faults, the exit code is 1. These are the faults with their remedies:',
    '',
    ...table(REMEDIES),
    'Notes alone leave the exit code at 0:',
    '',
    ...table(NOTES),
    'What can’t be read is not checked. If nothing is wrong with the rest, the exit code is 3:',
    '',
    ...table(UNCHECKED),
  ].join('\n');
}
