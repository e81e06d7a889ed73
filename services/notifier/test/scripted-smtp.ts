/** A mail server on a real socket that answers as scripted and can be down, unlike testkit's. */
import { createServer, type Server, type Socket } from 'node:net';

/** The reply to a command line such as `RCPT TO:<a@example.com>`, at once or later; undefined: silence. */
export type Script = (command: string) => string | undefined | Promise<string>;

export interface ScriptedSmtp extends AsyncDisposable {
  readonly url: string;
  /** Every command so far. */
  readonly commands: readonly string[];
  /** Every mail that was sent whole, as received, whatever the reply was. */
  readonly mails: readonly string[];
  open(): Promise<void>;
  close(): Promise<void>;
}

/** It keeps one port: closed at first, and again between `close` and `open`. */
export async function scriptedSmtp(script: Script): Promise<ScriptedSmtp> {
  const commands: string[] = [];
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const answer = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let inData = false;
    let mail = '';
    let rest = '';
    const line = async (text: string): Promise<void> => {
      if (inData && text !== '.') {
        mail += `${text}\n`;
        return;
      }
      if (inData) mails.push(mail);
      inData = text === 'DATA';
      mail = '';
      commands.push(text);
      const reply = await script(text);
      if (reply !== undefined) socket.write(`${reply}\r\n`);
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const text of lines) void line(text);
    });
    void line('CONNECT');
  };
  const server: Server = createServer(answer);
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve()));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as { port: number };
  await close();
  return {
    url: `smtp://127.0.0.1:${port}`,
    commands,
    mails,
    open: () => listen(port),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Accepts every mail. */
export const accepting: Script = (command) => {
  if (command === 'CONNECT') return '220 ready';
  if (command === 'DATA') return '354 go ahead';
  if (command === 'QUIT') return '221 bye';
  return '250 ok';
};
