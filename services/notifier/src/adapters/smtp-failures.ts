/** The outcome of a mail server's refusal or silence: one table from the client's errors to outcomes. */
import type { Reason } from '@setlist/contracts';
import { tlsRemedy } from '@setlist/runtime';
import type { NodemailerError } from 'nodemailer';
import { harmless } from '../domain/messages/wording.ts';
import { withoutAddresses } from './mail.ts';

export interface SmtpFailure {
  readonly kind: 'refused' | 'later' | 'down';
  readonly reason: Reason;
}

const REMEDIES = {
  refused:
    'Correct the addresses (MAIL_TO, MAIL_FROM, or the channel’s own), or have the mail server accept them.',
  later: 'The mail is retried automatically; if it keeps failing, ask the operator of the mail server.',
  login:
    'Correct the user and password in SMTP_URL (or the channel’s url), then restart the notifier; waiting messages are sent then.',
  secure:
    'Check that SMTP_URL (or the channel’s url) fits the server (smtp:// on port 587 or 25, smtps:// on 465) and that its certificate is valid; a server without STARTTLS gets a login only with ?requireTLS=false.',
  limit:
    'The mail is retried automatically. If this happens often, have the sending limit of the account raised, or give SMTP_URL (or the channel’s url) another account.',
  unreachable:
    'Check that the mail server runs and that SMTP_URL (or the channel’s url) names it; waiting messages are sent when it answers.',
  mute: 'If SMTP_URL (or the channel’s url) leads to port 465, begin it with smtps:// and restart the notifier; otherwise check that a mail server runs there. Waiting messages are sent when it answers.',
} as const;

/** Steps at which a reply concerns this one message; at earlier steps it concerns the connection. */
const ABOUT_THE_MESSAGE = new Set(['EENVELOPE', 'EMESSAGE']);
/** Replies about a failed or missing login, at any step: https://www.rfc-editor.org/rfc/rfc4954#section-6 */
const ABOUT_THE_LOGIN: ReadonlySet<number | undefined> = new Set([530, 534, 535, 538]);

/** “Mail system congestion”, also where an account has sent all it may: https://www.rfc-editor.org/rfc/rfc3463#section-3.5 */
const CONGESTED = /^\d{3}[ -]5\.4\.5\b/;

/**
 * - 5xx about sender, recipient or content: refused for good, except 503 (bad sequence of commands) and {@link CONGESTED};
 * - 4xx about them: later, except 421, by which a server closes the connection;
 * - a failed login, and a server that requires a login or TLS first, even with 5xx: down, since corrected settings let
 *   the message pass;
 * - anything before a message is offered, and silence at any time: down.
 */
export function smtpFailure(error: NodemailerError): SmtpFailure {
  const { code = 'unknown', originalCode = '', timeoutType, responseCode, response, permanent } = error;
  const words = (response ?? error.message).replace(/\s+/g, ' ').trim();
  const said = harmless(withoutAddresses(words)) || code;
  const insecure = tlsRemedy(originalCode, REMEDIES.secure);
  if (
    code === 'ETLS' ||
    code === 'EREQUIRETLS' ||
    insecure !== undefined ||
    (ABOUT_THE_LOGIN.has(responseCode) && /tls|encrypt/i.test(said))
  ) {
    const message = `No secure connection to the mail server: ${said}`;
    return failure('down', 'smtp-tls', message, insecure ?? REMEDIES.secure);
  }
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2' || ABOUT_THE_LOGIN.has(responseCode)) {
    return failure(
      'down',
      'smtp-login',
      `The mail server rejects the notifier’s login: ${said}`,
      REMEDIES.login,
    );
  }
  if (CONGESTED.test(words)) {
    return failure('down', 'smtp-limit', `The mail server accepts no more mail now: ${said}`, REMEDIES.limit);
  }
  if (ABOUT_THE_MESSAGE.has(code) && responseCode !== 421) {
    return permanent === true || responseCode === undefined
      ? failure(
          'refused',
          `smtp-${responseCode ?? 'invalid'}`,
          `The mail server refused it: ${said}`,
          REMEDIES.refused,
        )
      : failure('later', `smtp-${responseCode}`, `The mail server put it off: ${said}`, REMEDIES.later);
  }
  return failure(
    'down',
    'smtp-unreachable',
    `The mail server does not accept mail now: ${said}`,
    timeoutType === 'GREETING_TIMEOUT' ? REMEDIES.mute : REMEDIES.unreachable,
  );
}

const failure = (kind: SmtpFailure['kind'], code: string, message: string, remedy: string): SmtpFailure => ({
  kind,
  reason: { code, message, remedy },
});
