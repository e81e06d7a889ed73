/** Marks settings whose values must never be shown, at any layer of a schema. */
import { z } from 'zod';

const secrets = z.registry<{ secret: true }>();

/** Marks a setting as secret: `secret(z.string().min(8)).describe('…')`. Its value appears in no message. */
export function secret<S extends z.ZodType>(schema: S): S {
  // A copy, so that a schema shared by two settings isn't marked for both; `parent` keeps its description.
  const marked = schema.clone(schema._zod.def, { parent: true });
  secrets.add(marked, { secret: true });
  return marked;
}

/** Whether the schema, or one that it wraps (`optional`, `default`, `pipe`…), was marked. */
export function isSecret(schema: z.core.$ZodType): boolean {
  return layers(schema).some((layer) => secrets.get(layer)?.secret === true);
}

/** The schema and every schema inside it for the same value, the outermost first. */
export function layers(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = schema._zod as { def: z.core.$ZodTypeDef & Partial<Inner> };
  return [schema, ...[def.innerType, def.in, def.out].flatMap((inner) => (inner ? layers(inner) : []))];
}

type Inner = { innerType: z.core.$ZodType; in: z.core.$ZodType; out: z.core.$ZodType };
