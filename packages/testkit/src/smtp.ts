/** A real SMTP server for tests: it keeps the mails it accepts, and refuses mails when told to. */
import { once } from 'node:events';
import type { ParsedMail } from 'mailparser';
import type { SMTPServerDataStream, SMTPServerOptions } from 'smtp-server';
import { eventually } from './eventually.ts';

/** An SMTP reply such as 451 (try again later) or 550 (never). */
interface SmtpReply {
  readonly code: number;
  readonly text: string;
}

export interface SmtpServer extends AsyncDisposable {
  /** `smtp://127.0.0.1:<port>`: no encryption, no login. */
  readonly url: string;
  /** The accepted mails, in order of arrival. */
  readonly mails: readonly ParsedMail[];
  /** How many mails were refused after being sent whole. */
  readonly refused: number;
  /** Resolves with the mails once there are at least `count`; throws if the deadline (milliseconds) passes first. */
  waitFor(count: number, deadlineMs?: number): Promise<readonly ParsedMail[]>;
  /** Refuses the next `count` mails after they were sent whole, by default with 451. */
  failNext(count: number, reply?: SmtpReply): void;
}

export interface SmtpOptions {
  /** Called with each accepted mail before its sender gets the reply, so that nobody knows of it yet. */
  readonly onMail?: (mail: ParsedMail) => void | Promise<void>;
}

const TRY_LATER: SmtpReply = { code: 451, text: 'Try again later' };

/** Starts the server on a free port of 127.0.0.1. */
export async function startSmtp({ onMail }: SmtpOptions = {}): Promise<SmtpServer> {
  const { simpleParser } = await import('mailparser');
  const mails: ParsedMail[] = [];
  const refusals: SmtpReply[] = [];
  let refused = 0;

  const receive = async (stream: SMTPServerDataStream): Promise<void> => {
    const mail = await simpleParser(stream);
    const refusal = refusals.shift();
    if (refusal) {
      refused += 1;
      throw Object.assign(new Error(refusal.text), { responseCode: refusal.code });
    }
    mails.push(mail);
    await onMail?.(mail);
  };
  const server = await listen({
    onData: (stream, _session, done) => {
      receive(stream).then(() => done(), done);
    },
  });

  return {
    url: server.url,
    mails,
    get refused() {
      return refused;
    },
    async waitFor(count, deadlineMs = 60_000) {
      await eventually(
        () => {
          if (mails.length < count) throw new Error(`${mails.length} of ${count} mails arrived`);
        },
        { deadlineMs },
      );
      return mails;
    },
    failNext(count, reply = TRY_LATER) {
      refusals.push(...Array.from({ length: count }, () => reply));
    },
    [Symbol.asyncDispose]: server.close,
  };
}

async function listen(options: SMTPServerOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const { SMTPServer } = await import('smtp-server');
  const server = new SMTPServer({
    ...options,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
  });
  // Errors of single connections, such as a client that died, are ignored: its mail doesn't arrive.
  server.on('error', () => undefined);
  const listening = once(server.server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('The SMTP server has no port.');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
