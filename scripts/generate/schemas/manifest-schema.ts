/** JSON Schema of the manifest, generated from its zod schema. */
import { MANIFEST_SCHEMA, manifestSchema } from '@setlist/contracts';
import { openJsonSchema } from './open-json-schema.ts';

/** The JSON Schema (2020-12) of `manifest.json`. */
export function manifestJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = openJsonSchema(manifestSchema);
  return {
    $schema,
    $id: MANIFEST_SCHEMA,
    title: 'Setlist manifest',
    description: 'The outcome of a set, item by item. Manual: docs/manifest.md.',
    ...schema,
  };
}
