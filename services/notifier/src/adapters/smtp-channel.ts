/** Mail through any SMTP server. */
import type { Reason } from '@setlist/contracts';
import { isLoopback, RecentMap } from '@setlist/runtime';
import { createTransport, type NodemailerError } from 'nodemailer';
import type { Channel, Notice, Outcome } from '../domain/channel.ts';
import type { Manifests } from '../manifests.ts';
import { bareAddress, type MailAddresses, type MailWording, mailOf, maskedList, messageId } from './mail.ts';
import { type SmtpFailure, smtpFailure } from './smtp-failures.ts';

export interface SmtpChannelOptions extends MailAddresses {
  readonly name: string;
  readonly wording: MailWording;
  /** Where none are given, nothing is attached. */
  readonly manifests?: Manifests | undefined;
  /** `smtp://user:password@host:587`, `smtps://host`; nodemailer's options as query parameters. */
  readonly url: string;
  /** How long the server may be silent at any step, in ms. */
  readonly timeoutMs: number;
}

/** How one mail stands with each of its recipients, while not all of them are settled. */
interface Standing {
  readonly waiting: readonly string[];
  readonly told: readonly string[];
  readonly notTold: readonly Reason[];
}

/** Beyond this the oldest is forgotten: a few recipients might get a repeat, with its Message-ID. */
const STANDINGS_KEPT = 1_000;

/**
 * One mail goes to all recipients. Where the server takes it for some of them and puts others off, only those get
 * it again, as long as this process tries it: who has it is known here alone.
 */
export function smtpChannel(options: SmtpChannelOptions): Channel {
  const { name, url, timeoutMs, wording, manifests, from, to } = options;
  const transport = createTransport({
    url,
    requireTLS: logsInElsewhere(url),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const standings = new RecentMap<string, Standing>(STANDINGS_KEPT);
  const everyone: Standing = { waiting: to.map(bareAddress), told: [], notTold: [] };

  return {
    name,
    recipient: maskedList(to),
    ...(manifests ? { isReady: (notice: Notice) => manifests.isReady(notice) } : {}),
    async deliver(notice) {
      const before = standings.get(notice.key) ?? everyone;
      const envelope = { from: bareAddress(from), to: [...before.waiting] };
      const attachment = await manifests?.attachmentFor(notice);
      const mail = mailOf(notice, wording(notice.letter), { from, to });
      const attachments = attachment ? [{ ...attachment, content: Buffer.from(attachment.content) }] : [];
      const failures = await transport.sendMail({ ...mail, attachments, envelope }).then(
        ({ rejectedErrors = [] }) => rejectedErrors,
        (error: NodemailerError) => error.rejectedErrors ?? error,
      );
      if (failures instanceof Error) return outcomeOfAll(before, smtpFailure(failures), notice);
      const after = standingAfter(before, failures);
      standings.delete(notice.key);
      if (after.standing.waiting.length > 0) standings.set(notice.key, after.standing);
      return outcomeOf(after, notice);
    },
  };
}

/** A login that leaves this machine is told over a secure line only; of a URL's query nodemailer takes `requireTLS=false`. */
function logsInElsewhere(url: string): boolean {
  const { username, password, hostname } = new URL(url);
  return (username !== '' || password !== '') && !isLoopback(hostname);
}

type Judged = { readonly standing: Standing; readonly putOff?: SmtpFailure };

/** Every recipient that the server didn't name in a failure has the mail. */
function standingAfter({ waiting, told, notTold }: Standing, failures: readonly NodemailerError[]): Judged {
  const failed = new Map(
    failures.map((error) => [bareAddress(error.recipient ?? ''), smtpFailure(error)] as const),
  );
  // One under a name that is nobody's here may be anybody's: it goes for all who have no other.
  const [, stray] = [...failed].find(([address]) => !waiting.includes(address)) ?? [];
  const became = (address: string): SmtpFailure['kind'] | 'told' =>
    (failed.get(address) ?? stray)?.kind ?? 'told';
  const refusals = [...failed.values()].filter(({ kind }) => kind === 'refused').map(({ reason }) => reason);
  const putOff = [...failed.values()].find(({ kind }) => kind !== 'refused');
  const standing = {
    waiting: waiting.filter((address) => !['told', 'refused'].includes(became(address))),
    told: [...told, ...waiting.filter((address) => became(address) === 'told')],
    notTold: [...notTold, ...refusals],
  };
  return putOff === undefined ? { standing } : { standing, putOff };
}

function outcomeOf({ standing, putOff }: Judged, notice: Notice): Outcome {
  if (putOff) return { kind: putOff.kind, reason: withToldNamed(standing, putOff.reason) };
  const [refusal] = standing.notTold;
  if (standing.told.length === 0 && refusal) return { kind: 'refused', reason: refusal };
  return {
    kind: 'sent',
    messageId: messageId(notice),
    recipient: maskedList(standing.told),
    notTold: standing.notTold,
  };
}

/** The server failed before it judged single recipients. Refused now, but taken for some before: those have it. */
function outcomeOfAll(before: Standing, failure: SmtpFailure, notice: Notice): Outcome {
  if (failure.kind === 'refused' && before.told.length > 0) {
    return outcomeOf({ standing: { ...before, notTold: [...before.notTold, failure.reason] } }, notice);
  }
  return { kind: failure.kind, reason: withToldNamed(before, failure.reason) };
}

/** Should this be the last word, it says who has the mail nevertheless. */
const withToldNamed = ({ told }: Standing, reason: Reason): Reason =>
  told.length === 0 ? reason : { ...reason, message: `${reason.message} (${maskedList(told)} got it)` };
