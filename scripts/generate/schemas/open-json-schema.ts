/** JSON Schema of what is published under a version: open to the optional fields that the version may still gain. */
import { z } from 'zod';

/** A reader that holds it passes over fields that it does not know, as docs/decisions/versions-of-events.md has it. */
export function openJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'output',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}
