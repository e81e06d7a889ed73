/** The manual's page of settings, from the services' own schemas. */
import { consoleConfig as console } from '@setlist/console';
import { config as dispatcher } from '@setlist/dispatcher';
import { config as ingest } from '@setlist/ingest';
import { notifierConfig as notifier } from '@setlist/notifier';
import { describeConfig } from '@setlist/runtime';
import { trackerConfig as tracker } from '@setlist/tracker';

const SERVICES = { ingest, dispatcher, tracker, notifier, console };

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(service: keyof typeof SERVICES): string {
  const rows = describeConfig(SERVICES[service]).map(
    ({ name, description, default: preset, required, secret }) => {
      const value = required ? 'required' : preset === undefined || preset === '' ? '' : `\`${preset}\``;
      return `| \`${name}\` | ${cell(value)} | ${cell(description)}${secret ? ' (kept out of logs)' : ''} |`;
    },
  );
  return [`## ${service}`, '', '| variable | default | |', '|---|---|---|', ...rows, ''].join('\n');
}

export function settingsPage(): string {
  return [
    '<!-- Made by `npm run generate` from the services’ `src/config.ts`. Change it there. -->',
    '# Settings',
    '',
    'Services are set by environment variables. They are checked at the start: every fault is named at once, and the',
    'process ends with exit code 3. `node_modules/.bin/node services/<name>/src/main.ts --help` prints the same tables. Lengths of time',
    'carry their unit, `250ms`, `5s`, `60m`, `24h`, and are `24d` at most, but for `NOTIFY_MAX_AGE`, which may be longer.',
    'The local engine’s own settings stand in [its README](../packages/polly-local/README.md).',
    '`setlist run` and `up` read the settings of this page as well, but for',
    '[those that the command decides](../packages/cli/README.md#settings).',
    '',
    ...(Object.keys(SERVICES) as Array<keyof typeof SERVICES>).map(table),
  ].join('\n');
}
