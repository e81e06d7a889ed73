/** The manual's page of codes: why items fail, and what an audit finds. */
import { NOTES, REMEDIES } from '@setlist/audit';
import { POLLY_ERRORS } from '@setlist/polly';

/** Codes of the dispatcher's own, which stand at many places of it: a test holds these against its sources. */
export const ITEM_CODES: Readonly<Record<string, string>> = {
  deadline: 'The set’s deadline came first. `setlist retry` is not bound by it.',
  'lexicon-changed': 'A lexicon changed or went since the set was accepted. Submit the set again.',
  'provider-not-served': 'No dispatcher may call this provider: `PROVIDERS`.',
  'no-task-bucket': 'The text needs a task, and no bucket is set for tasks: `TASK_BUCKET`.',
  'claims-ran-out': 'Five dispatchers in a row began it and none finished. Their logs say what ended them.',
  'call-timeout':
    'No whole answer came within `CALL_TIMEOUT`: to a call for speech five times, each of which may have been billed.',
  'reply-cut': 'The audio broke off on its way, five times; each may have been billed.',
  'unreadable-reply': 'What answered sent no speech: a proxy, say, or another server at the address.',
  'audio-unusable': 'The audio was empty or can’t be read, three times. Another voice or text may help.',
  'audio-cut-off': 'Polly cuts a call’s audio off after ten minutes. Split the text.',
  'task-failed': 'Polly says that the task failed; the message has its reason.',
  'task-lost': 'Polly no longer knows the task.',
  'task-audio-missing':
    'The task ended, and its audio is not in the bucket: `TASK_STORE`, and what removes objects there.',
  'output-elsewhere': 'The task wrote into another bucket than `TASK_BUCKET`.',
  'store-loses-audio':
    'What this attempt paid for was gone from `STORE`, or changed, before it was put in its place. See what does that.',
  'unreadable-request':
    'The request in the log can’t be read, as where a newer version wrote it. Update dispatchers.',
  'unreadable-sound':
    'What the log says last of the sound can’t be read, as where a newer version wrote it. Update dispatchers.',
  'internal-error': 'A fault of Setlist’s: please report it with the dispatcher’s log.',
  unknown: 'Something was thrown that has no name; the message has it.',
};

/** Reasons for which a claim is given up, not an item. */
export const FREED_CODES: Readonly<Record<string, string>> = {
  'not-called': 'Stopped before the moment of the call came; nothing was billed.',
  collected: 'Nobody used the sound, and `setlist gc --delete` removed it.',
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
    'Each comes with a message and a remedy of its own, in exact words. Codes of set files stand in [the set file](set-file.md).',
    '',
    '## Why an item failed',
    '',
    'In `ItemFailed`, in `setlist status SET --failed --json`, and in the manifest. What may pass is tried again for `RETRY_FOR`, or up to the',
    'set’s deadline; then the item fails with the code of its last try, or with `deadline`.',
    '',
    ...table(ITEM_CODES),
    'A store’s failure is `store-` and what it is: `store-denied`, `store-damaged`, `store-read-only`, `store-invalid-key`,',
    '`store-invalid-uri`, `store-not-found`, `store-unknown`; `store-full` and `store-unavailable` are waited for. Where the provider can’t be reached the code is the',
    'network’s own, such as `ECONNREFUSED` or `ENOTFOUND`; credentials that are missing are `CredentialsProviderError`. All else is what Polly calls it:',
    '',
    ...table(pollyErrors),
    '`SoundFreed` has a reason as well. Beside those above:',
    '',
    ...table(FREED_CODES),
    '## What `audit verify` finds',
    '',
    'Faults end it with exit code 1. The remedy is what it prints:',
    '',
    ...table(REMEDIES),
    'Notes leave the audit clean:',
    '',
    ...table(NOTES),
  ].join('\n');
}
