/** Reads one SSML text with a strict XML parser and collects its faults, by offset. */
import { SaxesParser } from 'saxes';
import { type ElementFault, judgeElement, type Speaker } from './elements.ts';
import { SSML_TAGS } from './rules.ts';
import { SentenceWatch } from './sentences.ts';
import { maskStrays } from './strays.ts';

/** A fault and its position: `offset` counts UTF-16 code units from the start of the text. */
export type Finding = ElementFault & { readonly offset: number };

type OpenElement = { readonly name: string; readonly offset: number };

const PAUSES: ReadonlySet<string> = new Set(['break', 'p', 's', 'speak']);
const ROOT_ERRORS = /text data outside of root|must contain a root|only one root/;

/** Turns the parser's events into findings; for one text. */
export class SsmlReader {
  readonly #ssml: string;
  readonly #speaker: Speaker;
  readonly #parser = new SaxesParser({ xmlns: false });
  readonly #findings: Finding[] = [];
  readonly #open: OpenElement[] = [];
  readonly #sentences = new SentenceWatch();
  #rootReported = false;
  /** Set at the first fault in nesting or syntax: anything reported after it would be guesswork. */
  #broken = false;

  constructor(ssml: string, speaker: Speaker) {
    this.#ssml = ssml;
    this.#speaker = speaker;
  }

  read(): Finding[] {
    const { masked, strays } = maskStrays(this.#ssml);
    for (const stray of strays) this.#findings.push({ kind: 'malformed', ...stray });
    const parser = this.#parser;
    parser.on('opentagstart', ({ name }) => this.#open.push({ name, offset: this.#backTo('<') }));
    parser.on('opentag', ({ attributes }) => this.#onTag(attributes));
    parser.on('closetag', ({ name, isSelfClosing }) => this.#onCloseTag(name, isSelfClosing));
    parser.on('text', (text) => this.#onText(text));
    parser.on('cdata', () =>
      this.#refuse('<![CDATA[', 'Polly does not document CDATA sections.', CDATA_REMEDY),
    );
    parser.on('doctype', () => this.#refuse('<!DOCTYPE', 'SSML for Polly has no DOCTYPE.', 'Remove it.'));
    parser.on('processinginstruction', () =>
      this.#refuse('<?', 'Polly supports no processing instructions.', 'Remove it.'),
    );
    parser.on('error', ({ message }) => this.#onError(message));
    parser.write(masked).close();
    return this.#findings;
  }

  #onTag(attributes: Readonly<Record<string, string>>): void {
    const element = this.#open.at(-1);
    if (element === undefined || this.#broken) return;
    const { name, offset } = element;
    if (this.#open.length === 1 && name !== 'speak') this.#reportRoot(offset);
    if (this.#open.length > 1 && name === 'speak') {
      this.#report(offset, {
        message: '<speak> inside <speak>.',
        remedy: 'Keep only the outermost <speak>.',
      });
    }
    for (const fault of judgeElement(name, attributes, this.#speaker))
      this.#findings.push({ offset, ...fault });
    this.#followSentences(element);
  }

  #onCloseTag(name: string, isSelfClosing: boolean): void {
    const element = this.#open.pop();
    if (element === undefined || this.#broken) return;
    if (isSelfClosing) {
      this.#followSentences(element);
      return;
    }
    const end = this.#backTo('</');
    const closing = this.#ssml.slice(end + 2, this.#parser.position - 1).trim();
    if (closing === name) this.#followSentences(element);
    else if (this.#open.some((outer) => outer.name === closing)) this.#reportUnclosed(element);
    else this.#reportUnopened(end);
  }

  /** With a generative voice, `<prosody>` can only enclose whole sentences. */
  #followSentences({ name, offset }: OpenElement): void {
    if (PAUSES.has(name)) this.#sentences.pause();
    else if (name === 'prosody') this.#sentences.edge(offset);
  }

  #onText(text: string): void {
    if (this.#broken) return;
    const cut = this.#sentences.text(text);
    if (cut !== undefined && this.#speaker.engine === 'generative') {
      this.#findings.push({ offset: cut, ...CUT_SENTENCE });
    }
    const element = this.#open.at(-1);
    if (element !== undefined && SSML_TAGS.get(element.name)?.empty && text.trim() !== '') {
      const { name, offset } = element;
      this.#report(offset, {
        message: `<${name}> contains text.`,
        remedy: `Write <${name}/>, and the text after it.`,
      });
    }
  }

  #onError(error: string): void {
    if (this.#broken) return;
    const message = error.replace(/^\d+:\d+: /, '');
    if (ROOT_ERRORS.test(message)) {
      this.#reportRoot(this.#ssml.search(/\S|$/));
      return;
    }
    const unclosed = this.#open.at(-1);
    if (message.startsWith('unclosed tag') && unclosed !== undefined) {
      this.#reportUnclosed(unclosed);
      return;
    }
    if (message.startsWith('unmatched closing tag')) {
      this.#reportUnopened(this.#backTo('</'));
      return;
    }
    this.#broken = true;
    const twice = /^duplicate attribute: (.+)\.$/.exec(message)?.[1];
    if (twice !== undefined) {
      this.#report(this.#backTo('<'), {
        message: `\`${twice}\` is written twice in one tag.`,
        remedy: 'Keep one.',
      });
      return;
    }
    const offset = Math.max(0, Math.min(this.#parser.position, this.#ssml.length) - 1);
    this.#report(offset, { message: `Not well-formed XML: ${message}`, remedy: SYNTAX_REMEDY });
  }

  #reportUnclosed({ name, offset }: OpenElement): void {
    this.#broken = true;
    const remedy = SSML_TAGS.get(name)?.empty ? `Write <${name}/>.` : `Write </${name}> where it ends.`;
    this.#report(offset, { message: `<${name}> isn't closed.`, remedy });
  }

  #reportUnopened(offset: number): void {
    this.#broken = true;
    const tag = this.#ssml.slice(offset, this.#parser.position);
    this.#report(offset, {
      message: `${tag} closes nothing.`,
      remedy: 'Remove it, or open the tag before it.',
    });
  }

  #reportRoot(offset: number): void {
    if (this.#rootReported) return;
    this.#rootReported = true;
    this.#report(offset, {
      message: "The text isn't enclosed in one <speak>.",
      remedy: ROOT_REMEDY,
    });
  }

  #refuse(opening: string, message: string, remedy: string): void {
    if (!this.#broken) this.#report(this.#backTo(opening), { message, remedy });
  }

  #report(offset: number, fault: Pick<Finding, 'message' | 'remedy'>): void {
    this.#findings.push({ offset, kind: 'malformed', ...fault });
  }

  /** Where the construct that the parser has just finished reading began. */
  #backTo(opening: string): number {
    return this.#ssml.lastIndexOf(opening, this.#parser.position - 1);
  }
}

const ROOT_REMEDY =
  'Wrap all of it: <speak>…</speak>. If the text has no tags, write `text-type: text` in its item instead.';
const CDATA_REMEDY = 'Write the text itself, with `&amp;` for & and `&lt;` for <.';
const SYNTAX_REMEDY =
  'Check the spelling of the tag here: <name attribute="value">, and </name> or <name/> at its end.';

const CUT_SENTENCE = {
  kind: 'unsupported',
  message: "Polly's generative engine accepts <prosody> only around whole sentences; here it cuts one.",
  remedy: 'Put it around the whole sentence, or remove it.',
} as const;
