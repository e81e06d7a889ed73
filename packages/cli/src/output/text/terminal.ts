/** The only module that writes: results to standard output, everything for people in passing to standard error. */
import { createLogUpdate } from 'log-update';
import pico from 'picocolors';

export type Palette = Pick<Colours, 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'>;

type Colours = ReturnType<typeof pico.createColors>;
type Stream = NodeJS.WriteStream;

export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line in passing, above whatever is shown live. */
  say(line: string): void;
  /** A sentence in passing that the user should heed. */
  note(sentence: string): void;
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

const ESCAPE = '\u001b';
/** A colour as a {@link Palette} begins or ends it, or a character that does more than show text: a control, a turned direction. */
const COLOUR_OR_UNSAFE =
  /\p{Cc}\[(?:1|2|22|31|32|33|36|39)m|(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/**
 * Texts of others (a set's description, a server's answer) as no more than texts: what would steer the terminal is shown
 * as `\u001b`, which in a line of JSON means what was there.
 */
const harmless = (text: string, { isColorSupported }: Pick<Colours, 'isColorSupported'>): string =>
  text.replace(COLOUR_OR_UNSAFE, (found) =>
    isColorSupported && found.length > 1 && found.startsWith(ESCAPE)
      ? found
      : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}${found.slice(1)}`,
  );

export function openTerminal({ stdout, stderr, env }: TerminalOptions): Terminal {
  const colours = (stream: Stream): Colours =>
    pico.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
  const [paint, paintSaid] = [colours(stdout), colours(stderr)];
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
  const say = (line: string): void => above(() => stderr.write(`${harmless(line, paintSaid)}\n`));
  return {
    print: (line) => above(() => stdout.write(`${harmless(line, paint)}\n`)),
    say,
    note: (sentence) => say(`${paintSaid.yellow('note:')} ${sentence}`),
    write: (text, to) => above(() => (to === 'stdout' ? stdout : stderr).write(text)),
    show(lines) {
      if (!isLive) return;
      shown = lines.map((line) => harmless(line, paintSaid));
      live(shown.join('\n'));
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
    paint,
    paintSaid,
    async flushed() {
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
      );
    },
  };
}
