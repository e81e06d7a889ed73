/** The notifier's settings, from the environment. */
import { brokerSettings } from '@setlist/eventlog';
import { baseConfig, durationMs, list, mailAddress, secret, url } from '@setlist/runtime';
import { z } from 'zod';

export const config = z
  .object({
    ...baseConfig,
    ...brokerSettings,
    SMTP_URL: secret(url({ protocols: ['smtp', 'smtps'] }))
      .optional()
      .describe('the mail server: smtp://user:password@host:587, smtps://host'),
    MAIL_FROM: mailAddress().prefault('Setlist <setlist@localhost>').describe('who the mails are from'),
    MAIL_TO: list(mailAddress()).optional().describe('who is told by mail'),
    MAIL_FOLDER: z
      .string()
      .optional()
      .describe('a folder in which every message is written as .eml and .html; needs no mail server'),
    SMTP_TIMEOUT: durationMs().prefault('30s').describe('how long the mail server may be silent'),
    RETRY_BASE: durationMs()
      .prefault('5s')
      .describe('longest wait after the first failed try; it doubles with each'),
    RETRY_CAP: durationMs().prefault('10m').describe('longest wait between two tries'),
    RETRY_FOR: durationMs()
      .prefault('24h')
      .describe('how long after an event its message is tried; then NotificationFailed says why it failed'),
    NOTIFY_MAX_AGE: durationMs()
      .prefault('24h')
      .describe('events that are older when they are first seen are passed over'),
    ACK_WAIT: durationMs()
      .prefault('30s')
      .describe('how long a replica may be silent before another takes its messages over'),
  })
  .superRefine((settings, context) => {
    const fault = (message: string): void => context.addIssue({ code: 'custom', message });
    if (settings.SMTP_URL === undefined && settings.MAIL_FOLDER === undefined) {
      fault('neither SMTP_URL nor MAIL_FOLDER is set, so that nobody could be told');
    }
    if (settings.SMTP_URL !== undefined && settings.MAIL_TO === undefined) {
      fault('SMTP_URL is set and MAIL_TO is not, so that the mails would go to nobody');
    }
    if (settings.ACK_WAIT < 1_000) fault('ACK_WAIT is below 1s, too short to show a sign of life in');
  });

export type NotifierConfig = z.output<typeof config>;
