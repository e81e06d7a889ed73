/** Tells of the files to which compat gives the reference's extension, once for each such format of a set. */
import { extname } from 'node:path';
import type { ItemContext } from './item-context.ts';

export class CompatExtensions {
  readonly #told = new Set<string>();

  /** @param strict the name that would be made without compat */
  note({ at, path, report }: ItemContext, made: string, strict: string): void {
    const [extension, other] = [extname(made), extname(strict)];
    if (extension === other || this.#told.has(extension)) return;
    this.#told.add(extension);
    report({
      at,
      path,
      code: 'compat-extension',
      message: `names made from the text end in ${extension}, as in AWS's sample; without --compat or COMPAT=true, they end in ${other}`,
      remedy: `write an "output-file" where the name is to end in ${other}`,
      harmless: true,
    });
  }
}
