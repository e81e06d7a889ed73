/** Renders a template to text. */
import mustache from 'mustache';
import type { TemplateFiles } from './template-files.ts';

export type Render = (name: string, view: object, escaped: (text: string) => string) => string;

export function rendererOf(files: TemplateFiles): Render {
  const writer = new mustache.Writer();
  const partials = Object.fromEntries([...files.partials.values()].map(({ name, source }) => [name, source]));
  return (name, view, escaped) =>
    writer.render(files.templates.get(name)?.source ?? '', view, partials, { escape: escaped });
}

export const asItIs = (text: string): string => text;
