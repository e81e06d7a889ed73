/** JSON Schemas for publication under a version: open to the optional fields that the version can still gain. */
import { z } from 'zod';

/** A reader that validates with it ignores unknown fields, as docs/decisions/versions-of-events.md requires. */
export function openJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'output',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}
