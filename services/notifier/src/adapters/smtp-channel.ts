/** Mail through any SMTP server. */
import { isLoopback, maskEmail, RecentMap } from '@setlist/runtime';
import { createTransport, type NodemailerError } from 'nodemailer';
import { type Channel, type Notice, type NotTold, type Outcome, withOthers } from '../domain/channel.ts';
import type { Manifests } from '../manifests.ts';
import { bareAddress, type MailAddresses, type MailWording, mailOf, maskedList, messageId } from './mail.ts';
import { type SmtpFailure, smtpFailure } from './smtp-failures.ts';

export interface SmtpChannelOptions extends MailAddresses {
  readonly name: string;
  readonly wording: MailWording;
  /** If missing, nothing is attached. */
  readonly manifests?: Manifests | undefined;
  /** `smtp://user:password@host:587` or `smtps://host`, with nodemailer's options as query parameters. */
  readonly url: string;
  /** How long connecting to the server may take, up to its greeting, in ms. */
  readonly timeoutMs: number;
}

/** One mail's state for each of its recipients, until all of them are settled. */
interface Standing {
  readonly waiting: readonly string[];
  readonly told: readonly string[];
  readonly notTold: readonly NotTold[];
}

/**
 * How long the server may be silent once connected, in ms. It needs the time at the end of a mail: a client that leaves
 * before the answer sends again what the server may have accepted (https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.6).
 */
const SILENCE_MS = 600_000;

/** How many are kept; when the oldest is dropped, a few recipients might get a repeat, with the same Message-ID. */
const STANDINGS_KEPT = 1_000;

/**
 * One mail goes to all recipients. Where the server accepts it for some and puts others off, only the others get the
 * retry, as long as this process makes it: only this process knows who has the mail.
 */
export function smtpChannel(options: SmtpChannelOptions): Channel {
  const { name, url, timeoutMs, wording, manifests, from, to } = options;
  const tryWithinMs = Math.max(timeoutMs, SILENCE_MS);
  const transport = createTransport({
    url,
    requireTLS: logsInElsewhere(url),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: tryWithinMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const standings = new RecentMap<string, Standing>(STANDINGS_KEPT);
  const everyone: Standing = { waiting: to.map(bareAddress), told: [], notTold: [] };

  return {
    name,
    recipient: maskedList(to),
    tryWithinMs,
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
    othersOf(key) {
      const standing = standings.get(key);
      return standing && othersIn(standing);
    },
  };
}

/** A login that leaves this machine requires TLS, unless the URL's query says `requireTLS=false` to nodemailer. */
function logsInElsewhere(url: string): boolean {
  const { username, password, hostname } = new URL(url);
  return (username !== '' || password !== '') && !isLoopback(hostname);
}

type Judged = { readonly standing: Standing; readonly putOff?: SmtpFailure };

/** Every recipient that the server named in no failure has the mail. */
function standingAfter({ waiting, told, notTold }: Standing, failures: readonly NodemailerError[]): Judged {
  const failed = new Map(
    failures.map((error) => [bareAddress(error.recipient ?? ''), smtpFailure(error)] as const),
  );
  // A failure for an unknown address can concern any recipient: it counts for all without a failure of their own.
  const [, stray] = [...failed].find(([address]) => !waiting.includes(address)) ?? [];
  const failureOf = (address: string) => failed.get(address) ?? stray;
  const refusals = waiting.flatMap((address) => {
    const failure = failureOf(address);
    return failure?.kind === 'refused' ? [refusalOf(address, failure)] : [];
  });
  const putOff = [...failed.values()].find(({ kind }) => kind !== 'refused');
  const standing = {
    waiting: waiting.filter((address) => !['refused', undefined].includes(failureOf(address)?.kind)),
    told: [...told, ...waiting.filter((address) => failureOf(address) === undefined)],
    notTold: [...notTold, ...refusals],
  };
  return putOff === undefined ? { standing } : { standing, putOff };
}

const refusalOf = (address: string, { reason }: SmtpFailure): NotTold => ({
  recipient: maskEmail(address),
  ...reason,
});

function outcomeOf({ standing, putOff }: Judged, notice: Notice): Outcome {
  if (putOff) return putOff;
  const [refusal] = standing.notTold;
  if (standing.told.length === 0 && refusal) {
    const { recipient: _, ...reason } = refusal;
    return { kind: 'refused', reason };
  }
  return {
    kind: 'sent',
    messageId: messageId(notice),
    recipient: maskedList(standing.told),
    notTold: standing.notTold,
  };
}

/** The server failed before it judged single recipients. If it refuses now, earlier recipients still have the mail. */
function outcomeOfAll(before: Standing, failure: SmtpFailure, notice: Notice): Outcome {
  if (failure.kind === 'refused' && before.told.length > 0) {
    const refusals = before.waiting.map((address) => refusalOf(address, failure));
    return outcomeOf({ standing: { ...before, notTold: [...before.notTold, ...refusals] } }, notice);
  }
  const others = failure.kind === 'refused' ? othersIn(before) : undefined;
  return { kind: failure.kind, reason: withOthers(failure.reason, others) };
}

/** Who has the mail already, and who was refused. */
function othersIn({ told, notTold }: Standing): string | undefined {
  const refusals = notTold.map(({ recipient, message }) => `${recipient}: ${message}`);
  const others = told.length === 0 ? refusals : [`${maskedList(told)} got it`, ...refusals];
  return others.length === 0 ? undefined : others.join('; ');
}
