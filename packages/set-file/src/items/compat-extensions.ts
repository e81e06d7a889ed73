/** Tells of the files to which compat gives the reference's extension, once for each such format of a set. */
import type { OutputFormat } from '@setlist/polly';
import { madeExtension } from './default-file-name.ts';
import type { ItemContext } from './item-context.ts';

export class CompatExtensions {
  readonly #told = new Set<OutputFormat>();

  /** To be called for an item whose file's name is made from the text. */
  note({ at, path, report }: ItemContext, format: OutputFormat): void {
    const [extension, other] = [madeExtension(format, true), madeExtension(format, false)];
    if (extension === other || this.#told.has(format)) return;
    this.#told.add(format);
    report({
      at,
      path,
      code: 'compat-extension',
      message: `names made from the text end in .${extension}, as in AWS's sample; without --compat or COMPAT=true, they end in .${other}`,
      remedy: `write an "output-file" where the name is to end in .${other}`,
      harmless: true,
    });
  }
}
