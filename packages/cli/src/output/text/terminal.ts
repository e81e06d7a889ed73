/** The only module that prints: results to standard output, everything else to standard error. */
import { createLogUpdate } from 'log-update';
import pico from 'picocolors';
import { fitTo } from './fit-columns.ts';

export type Palette = Pick<Colours, 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'>;

type Colours = ReturnType<typeof pico.createColors>;
type Stream = NodeJS.WriteStream;

export interface Terminal {
  /** Prints a line of the result. */
  print(line: string): void;
  /** Prints a line on standard error, above any live lines. */
  say(line: string): void;
  /** As {@link say}, for a sentence that the user should heed. */
  note(sentence: string): void;
  /** Writes text unchanged, for the command parser. */
  write(text: string, to: 'stdout' | 'stderr'): void;
  /** Replaces the live lines, each cut to the terminal's width; does nothing without a terminal. */
  show(lines: readonly string[]): void;
  /** Removes the live lines. */
  clear(): void;
  /** Whether lines can be shown live. */
  readonly isLive: boolean;
  /** The columns of the terminal; 100 for a file or pipe. */
  readonly columns: number;
  /** The rows of the terminal, 24 if unknown; below the live lines, the cursor needs one. */
  readonly rows: number;
  /** Colours for the result, on standard output. */
  readonly paint: Palette;
  /** Colours for standard error. */
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
const FALLBACK_ROWS = 24;

const ESCAPE = '\u001b';
/** A colour code of a {@link Palette}, or an unsafe character: a control character or a change of text direction. */
const COLOUR_OR_UNSAFE =
  /\p{Cc}\[(?:1|2|22|31|32|33|36|39)m|(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/**
 * Makes text from others, such as a set's description or a server's answer, safe to print: a character that would steer
 * the terminal becomes an escape such as `\u001b`, which a line of JSON reads back as the same character.
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
  const columns = (): number => (isLive ? stderr.columns : stdout.columns) || FALLBACK_COLUMNS;
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
      shown = lines.map((line) => fitTo(harmless(line, paintSaid), columns()));
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
      return columns();
    },
    get rows() {
      return stderr.rows || FALLBACK_ROWS;
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
