/** The lock on published schemas: it accepts new versions and optional fields, and no other change. */
import { readFile } from 'node:fs/promises';
import { publishedSchemas } from './schemas/published-schemas.ts';
import { schemaShape, shapeChanges } from './schemas/schema-shape.ts';

/** Path below the repository's root. */
export const SHAPES_FILE = 'packages/contracts/fixtures/published-shapes.json';

/**
 * The shapes to keep: all that were ever published, with allowed additions.
 * @throws Error if a schema changed in a way that needs a new version, with every changed line
 */
export async function publishedShapes(root: string): Promise<Record<string, readonly string[]>> {
  const text = await readFile(`${root}${SHAPES_FILE}`, 'utf8').catch(() => '{}');
  const shapes = JSON.parse(text) as Record<string, readonly string[]>;
  for (const [type, schema] of publishedSchemas()) {
    const current = schemaShape(schema);
    const { breaking } = shapeChanges(shapes[type] ?? [], current);
    if (shapes[type] && breaking.length > 0) {
      throw new Error(
        `${type} is published and can only gain optional fields. Raise its version (of an event, add a lift in upcast.ts and a new sample).\n  ${breaking.join('\n  ')}`,
      );
    }
    shapes[type] = current;
  }
  return shapes;
}
