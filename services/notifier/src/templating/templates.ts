/** The wording: from an event to its letter, and from a letter to a mail, by templates that an operator can replace. */
import { Faults } from '@setlist/runtime';
import { contentOf, type SeenAt } from '../domain/messages/content.ts';
import type { Letter, Message } from '../domain/messages/letter.ts';
import { letterOf } from '../domain/messages/letter-script.ts';
import { kindOf, type NotableEvent } from '../domain/notice-kind.ts';
import { checkTemplates, type TemplateFault } from './check-templates.ts';
import { layoutView } from './layout-view.ts';
import { asItIs, rendererOf } from './render.ts';
import { LAYOUTS, readTemplateFiles } from './template-files.ts';

const templatesFaults = (faults: readonly TemplateFault[]): Faults<TemplateFault> =>
  new Faults('templates', faults, {
    lineOf: ({ path, line, problem }) => `${path}:${line}: ${problem}`,
    remedy:
      'Correct these templates in TEMPLATES_DIR, or remove them to use the notifier’s own. docs/messages.md says what a template can hold.',
  });

export interface Wording {
  /** The same event always gives the same letter. */
  letterAbout(event: NotableEvent): Letter;
  /** The letter as a mail. */
  mailOf(letter: Letter): Message;
}

export interface WordingOptions extends SeenAt {
  /** A folder with templates that replace the notifier's own of the same names. */
  readonly overrides?: string | undefined;
}

/**
 * Reads and checks every template.
 *
 * @throws Faults naming every fault; the file system's error if `overrides` can't be read
 */
export function openWording({ overrides, ...seenAt }: WordingOptions = {}): Wording {
  const files = readTemplateFiles(overrides);
  const faults = checkTemplates(files);
  if (faults.length > 0) throw templatesFaults(faults);
  const render = rendererOf(files);

  return {
    letterAbout(event) {
      const content = contentOf(event, seenAt);
      return letterOf(render(kindOf(event), content.variables, asItIs), content);
    },
    mailOf(letter) {
      const view = layoutView(letter);
      return {
        subject: letter.subject,
        text: render(LAYOUTS.text, view, asItIs),
        html: render(LAYOUTS.html, view, escapeHtml),
      };
    },
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element content and for attribute values in quotes. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
