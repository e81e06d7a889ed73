/** The console inside the command: its page and API in this process, on a free port. */
import { createConsole } from '@setlist/console';
import type { EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import { refused } from '../failure.ts';
import type { ConsoleSettings } from './service-settings.ts';

export interface ConsoleParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Whether the user asked for the port: then no other is used. */
  readonly portIsFixed: boolean;
  /** Receives a message if another port is used. */
  readonly tell: (message: string) => void;
  /** Resolves when there is no point in waiting for the broker any longer. */
  readonly inVain: Promise<void>;
}

export interface StartedConsole extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** Settles when the console stops following the log. */
  readonly done: Promise<void>;
}

/** @throws CommandFailed (2) if a requested port is taken; Faults if the settings would let strangers in */
export async function startConsole(settings: ConsoleSettings, parts: ConsoleParts): Promise<StartedConsole> {
  const { CONSOLE_HOST: host, CONSOLE_PORT: port } = settings;
  try {
    return await listening(settings, parts);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (parts.portIsFixed) {
      throw refused(
        `port ${port} of ${host} is taken, so the console can't use it`,
        'Name another port with --console-port (0 for any free one), or use --no-console.',
      );
    }
    parts.tell(`port ${port} is taken, so the console uses another one`);
    return await listening({ ...settings, CONSOLE_PORT: 0 }, parts);
  }
}

async function listening(
  settings: ConsoleSettings,
  { log, logger, inVain }: Pick<ConsoleParts, 'log' | 'logger' | 'inVain'>,
): Promise<StartedConsole> {
  const stopping = new AbortController();
  try {
    const started = await createConsole(settings, { log, logger, signal: stopping.signal });
    return {
      url: `${started.url}/`,
      done: started.done,
      async [Symbol.asyncDispose]() {
        stopping.abort();
        // It reads the log to its end; without a broker, don't wait for that.
        const ended = started[Symbol.asyncDispose]().then(() => started.done.catch(() => undefined));
        await Promise.race([ended, inVain]);
      },
    };
  } catch (error) {
    stopping.abort();
    throw error;
  }
}
