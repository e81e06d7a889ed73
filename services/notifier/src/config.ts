/** The notifier's settings, from the environment. */
import { brokerSettings } from '@setlist/eventlog';
import {
  baseConfig,
  durationMs,
  flag,
  integer,
  list,
  mailAddress,
  readAs,
  secret,
  url,
} from '@setlist/runtime';
import { z } from 'zod';
import { parseNetwork } from './adapters/http/target-policy.ts';
import { isSmtpUrl, SMTP_URL_FORM } from './adapters/smtp-url.ts';

const network = readAs(parseNetwork, 'must be networks such as 10.1.0.0/16 or single addresses');
const brokerUrl = url({ protocols: ['nats', 'tls'] }).refine(
  (address) => !address.includes('@'),
  'must hold no credentials: it is sent to people',
);
const smtpUrl = readAs((text) => (isSmtpUrl(text) ? text : undefined), `must be ${SMTP_URL_FORM}`);

export const notifierConfig = z
  .object({
    ...baseConfig,
    ...brokerSettings,
    CHANNELS_FILE: z
      .string()
      .optional()
      .describe('a YAML or JSON file of channels: mail, folder, slack, teams, discord, sns, webhook'),
    SMTP_URL: secret(smtpUrl).optional().describe(`the mail server: ${SMTP_URL_FORM}`),
    MAIL_FROM: mailAddress().prefault('Setlist <setlist@localhost>').describe('the sender of mails'),
    MAIL_TO: list(mailAddress())
      .optional()
      .describe('the recipients of mails, separated by commas; required with SMTP_URL'),
    MAIL_FOLDER: z
      .string()
      .optional()
      .describe('a folder to which every message is written as .eml and .html; needs no mail server'),
    SMTP_TIMEOUT: durationMs()
      .prefault('30s')
      .describe('how long connecting to the mail server may take, up to its greeting'),
    CONSOLE_URL: url().optional().describe('the console’s address; messages link to the set’s page there'),
    COMMAND_SERVER: list(brokerUrl)
      .optional()
      .describe(
        'the broker’s address for readers of messages, without credentials; commands in messages name it as --server',
      ),
    TEMPLATES_DIR: z.string().optional().describe('a folder with templates that replace the notifier’s own'),
    MANIFEST_MAX_BYTES: integer({ min: 0 })
      .prefault('1000000')
      .describe('a larger manifest is not attached; 0 attaches none'),
    WEBHOOK_TIMEOUT: durationMs()
      .prefault('10s')
      .describe('how long one post to a chat or webhook, or one call to SNS, may take'),
    WEBHOOK_NETWORKS: list(network)
      .optional()
      .transform((networks) => networks ?? [])
      .describe('networks allowed for chats and webhooks besides public ones: 10.1.0.0/16'),
    WEBHOOK_HTTP: flag()
      .prefault('false')
      .describe('whether chats and webhooks may use http://, not only https://'),
    RETRY_BASE: durationMs()
      .prefault('5s')
      .describe('longest wait after the first failed try; it doubles with each further one'),
    RETRY_CAP: durationMs().prefault('10m').describe('longest wait between two tries'),
    RETRY_FOR: durationMs()
      .prefault('24h')
      .describe('how long after an event its message is retried; then NotificationFailed gives the reason'),
    NOTIFY_MAX_AGE: durationMs({ max: Infinity })
      .prefault('24h')
      .describe('events older than this when first seen are not sent; NotificationFailed says so'),
    ACK_WAIT: durationMs()
      .prefault('30s')
      .describe(
        'how long a replica may be silent before another takes over its messages; it sends them a third of this time later',
      ),
  })
  .superRefine((settings, context) => {
    const fault = (message: string): void => context.addIssue({ code: 'custom', message });
    const { SMTP_URL, MAIL_FOLDER, CHANNELS_FILE } = settings;
    if (SMTP_URL === undefined && MAIL_FOLDER === undefined && CHANNELS_FILE === undefined) {
      fault('none of SMTP_URL, MAIL_FOLDER and CHANNELS_FILE is set, so nobody could be notified');
    }
    if (SMTP_URL !== undefined && settings.MAIL_TO === undefined) {
      fault('SMTP_URL is set and MAIL_TO is not, so mails would have no recipient');
    }
    if (settings.ACK_WAIT < 1_000) fault('ACK_WAIT is below 1s, too short to extend the lease in time');
  });

export type NotifierConfig = z.output<typeof notifierConfig>;
