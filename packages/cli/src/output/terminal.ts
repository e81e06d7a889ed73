/** The only module that writes: results to standard output, everything for people in passing to standard error. */
import { createLogUpdate } from 'log-update';
import pico from 'picocolors';

export type Palette = Pick<
  ReturnType<typeof pico.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
>;

type Stream = NodeJS.WriteStream;

export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line in passing, above whatever is shown live. */
  say(line: string): void;
  /** A part of a line or several, as they are: for the texts of the command parser. */
  write(text: string, to: 'stdout' | 'stderr'): void;
  /** Shows lines in place of those shown before, on a terminal only. */
  show(lines: readonly string[]): void;
  /** Takes what is shown live away. */
  clear(): void;
  /** Whether lines can be shown live. */
  readonly isLive: boolean;
  /** Columns of the terminal; of a file or pipe as many as one likes. */
  readonly columns: number;
  /** Colours for the result. */
  readonly paint: Palette;
  /** Colours for what is said in passing. */
  readonly paintSaid: Palette;
  /** Resolves when everything has left the process. */
  flushed(): Promise<void>;
}

export interface TerminalOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FALLBACK_COLUMNS = 100;

export function openTerminal({ stdout, stderr, env }: TerminalOptions): Terminal {
  const colours = (stream: Stream) =>
    pico.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
  const isLive = stderr.isTTY === true && env.TERM !== 'dumb';
  const live = createLogUpdate(stderr);
  let shown: readonly string[] = [];
  const above = (action: () => void): void => {
    if (shown.length === 0) {
      action();
      return;
    }
    live.clear();
    action();
    live(shown.join('\n'));
  };
  return {
    print: (line) => above(() => stdout.write(`${line}\n`)),
    say: (line) => above(() => stderr.write(`${line}\n`)),
    write: (text, to) => above(() => (to === 'stdout' ? stdout : stderr).write(text)),
    show(lines) {
      if (!isLive) return;
      shown = lines;
      live(lines.join('\n'));
    },
    clear() {
      if (shown.length === 0) return;
      live.clear();
      live.done();
      shown = [];
    },
    isLive,
    get columns() {
      return (isLive ? stderr.columns : stdout.columns) || FALLBACK_COLUMNS;
    },
    paint: colours(stdout),
    paintSaid: colours(stderr),
    async flushed() {
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
      );
    },
  };
}
