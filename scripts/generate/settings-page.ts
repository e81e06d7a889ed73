/** The manual's page of settings, from the services' own schemas. */
import { consoleConfig } from '@setlist/console';
import { dispatcherConfig } from '@setlist/dispatcher';
import { ingestConfig } from '@setlist/ingest';
import { notifierConfig } from '@setlist/notifier';
import { describeConfig, metricsConfig } from '@setlist/runtime';
import { storeConfig } from '@setlist/storage';
import { trackerConfig } from '@setlist/tracker';

const SERVICES = {
  ingest: ingestConfig,
  dispatcher: dispatcherConfig,
  tracker: trackerConfig,
  notifier: notifierConfig,
  console: consoleConfig,
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

type Setting = ReturnType<typeof describeConfig>[number];

function row({ name, description, default: preset, values, required, secret }: Setting): string {
  const value = required ? 'required' : preset === undefined || preset === '' ? '' : `\`${preset}\``;
  const untold = values.some((one) => !description.includes(one));
  const choice = untold ? ` (${values.map((one) => `\`${one}\``).join(', ')})` : '';
  return `| \`${name}\` | ${cell(value)} | ${cell(description)}${choice}${secret ? ' (kept out of logs)' : ''} |`;
}

const table = (heading: string, settings: readonly Setting[]): string =>
  [`## ${heading}`, '', '| variable | default | |', '|---|---|---|', ...settings.map(row), ''].join('\n');

/** The settings that all services share, with identical descriptions. */
function shared(): readonly Setting[] {
  const [first = [], ...others] = Object.values(SERVICES).map(describeConfig);
  const rows = others.map((settings) => new Set(settings.map(row)));
  return first.filter((setting) => rows.every((of) => of.has(row(setting))));
}

function tables(): string[] {
  const common = shared();
  const ofStores = describeConfig(storeConfig);
  const told = new Set([...common, ...ofStores].map(({ name }) => name));
  const own = Object.entries(SERVICES).map(([service, schema]) =>
    table(
      service,
      describeConfig(schema).filter(({ name }) => !told.has(name)),
    ),
  );
  return [
    table('every service', common),
    table('S3 and folders', ofStores),
    ...own,
    table('run and up', describeConfig(metricsConfig)),
  ];
}

export function settingsPage(): string {
  return [
    '<!-- Made by `npm run generate` from the services’ `src/config.ts`. Change it there. -->',
    '# Settings',
    '',
    'Services are set by environment variables. They are checked at the start: every fault is named at once, and the',
    'process ends with exit code 3. `node_modules/.bin/node services/<name>/src/main.ts --help` prints the same tables. Durations',
    'have a unit, as in `250ms`, `5s`, `60m`, `24h`, and are at most `24d`, except for `NOTIFY_MAX_AGE`, which can be longer.',
    'The local engine’s own settings are in [its README](../packages/polly-local/README.md).',
    '`setlist run` and `up` also read the settings on this page, except for',
    '[those that the command decides](../packages/cli/README.md#settings). A service has the settings of *every service*, those of',
    '*S3 and folders* unless it is the notifier, and its own; those of *run and up* say where these show metrics.',
    '',
    ...tables(),
  ].join('\n');
}
