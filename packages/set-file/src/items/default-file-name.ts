/** Makes the name of an item's file if the item gives none, as the reference does. */
import { slugify } from '@setlist/contracts';
import { FORMATS, type OutputFormat } from '@setlist/polly';

const SLUG_LENGTH = 40;
/** The formats in the reference's manual. It used a format's name as the extension, even `.ogg_vorbis`. */
const NAMED_BY_FORMAT: ReadonlySet<OutputFormat> = new Set(['mp3', 'ogg_vorbis', 'pcm', 'json']);

/**
 * The reference's name for the file of an item without `output-file`: `item-000003-dull-roots.mp3`, counted from 0.
 * @param compat whether every format has the reference's extension, not only those in its manual
 */
export function defaultFileName(index: number, text: string, format: OutputFormat, compat = false): string {
  return `item-${String(index).padStart(6, '0')}-${slugify(text, SLUG_LENGTH)}.${madeExtension(format, compat)}`;
}

/** The extension of such a name, without the dot. */
export function madeExtension(format: OutputFormat, compat: boolean): string {
  return compat || NAMED_BY_FORMAT.has(format) ? format : FORMATS[format].extension;
}
