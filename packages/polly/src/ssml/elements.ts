/** Checks one SSML element against the table: whether the tag, its attributes and the engine fit together. */

import type { Engine } from '../vocabulary.ts';
import { findVoice, VOICES, type Voice } from '../voices.ts';
import { type AttributeRule, FOREIGN_TAGS, SSML_TAGS, type TagRule } from './rules.ts';
import { oneOf, type ValueRule } from './values.ts';

/** The engine and voice for which the SSML is checked. */
export type Speaker = { readonly engine: Engine; readonly voice?: string };

/** What is wrong with an element, without its position. */
export type ElementFault = {
  readonly kind: 'malformed' | 'unknown-tag' | 'unsupported';
  readonly message: string;
  readonly remedy: string;
};

type Attributes = Readonly<Record<string, string>>;

/** All faults of `<name …attributes>`: first violations of SSML, then what the engine or voice does not support. */
export function judgeElement(name: string, attributes: Attributes, speaker: Speaker): ElementFault[] {
  const rule = SSML_TAGS.get(name);
  if (rule === undefined) return [unknownTag(name)];
  // What else is wrong with a tag that the engine lacks can't be mended.
  if (!hasEngine(rule, speaker.engine)) return judgeSupport(name, rule, attributes, speaker);
  return [
    ...violations(name, rule, attributes, speaker.engine),
    ...judgeSupport(name, rule, attributes, speaker),
  ];
}

/** What is wrong with the attributes for an engine that has the tag. */
function violations(name: string, rule: TagRule, attributes: Attributes, engine: Engine): ElementFault[] {
  const faults = Object.entries(attributes).flatMap(
    (attribute) => judgeAttribute(name, rule, attribute, engine) ?? [],
  );
  return [...faults, ...missingAttributes(name, rule, attributes, engine)];
}

function unknownTag(name: string): ElementFault {
  const fault = { kind: 'unknown-tag', message: `Polly has no tag <${name}>.` } as const;
  const foreign = FOREIGN_TAGS.get(name);
  if (foreign !== undefined) return { ...fault, remedy: foreign };
  const meant = SIMPLIFIED.get(simplify(name));
  if (meant !== undefined) return { ...fault, remedy: `Write <${meant}>.` };
  const known = [...SSML_TAGS.keys()].map((tag) => `<${tag}>`).join(', ');
  return { ...fault, remedy: `Remove it, or use one of Polly's tags: ${known}.` };
}

/** Catches `<Break>`, `<effect>`, `<sayas>`: reduces a name to lower case, without its prefix and punctuation. */
function simplify(name: string): string {
  return name.toLowerCase().replace(/^amazon|[^a-z]/g, '');
}

const SIMPLIFIED: ReadonlyMap<string, string> = new Map(
  [...SSML_TAGS.keys()].map((name) => [simplify(name), name]),
);

function judgeAttribute(
  name: string,
  rule: TagRule,
  [attribute, value]: readonly [string, string],
  engine: Engine,
): ElementFault | undefined {
  // Declarations of namespaces and schemas, as in the W3C's examples; Polly ignores them.
  if (attribute.startsWith('xmlns') || attribute.startsWith('xsi:')) return undefined;
  const attributeRule = rule.attributes.get(attribute);
  if (attributeRule === undefined) {
    const known = attributesFor(rule, engine);
    return malformed(
      `<${name}> has no attribute \`${attribute}\`.`,
      known === '' ? `Remove ${rule.noun}.` : `Remove it. <${name}> has these: ${known}.`,
    );
  }
  // An attribute that the engine lacks is reported as such, whatever its value.
  if (attributeRule.value.accepts(value) || !hasEngine(attributeRule, engine)) return undefined;
  const { expects } = valuesFor(attributeRule, engine) ?? {};
  return malformed(
    `\`${attribute}="${value}"\` is not valid for <${name}>.`,
    expects === undefined ? `Remove ${rule.noun}.` : `Write ${expects}.`,
  );
}

function missingAttributes(
  name: string,
  rule: TagRule,
  attributes: Attributes,
  engine: Engine,
): ElementFault[] {
  const faults: ElementFault[] = [];
  for (const [attribute, { required, value }] of rule.attributes) {
    if (required && !Object.hasOwn(attributes, attribute)) {
      faults.push(malformed(`<${name}> lacks \`${attribute}\`.`, `Give \`${attribute}\` ${value.expects}.`));
    }
  }
  if (rule.needsAttribute && Object.keys(attributes).length === 0) {
    const known = attributesFor(rule, engine);
    const remedy = known === '' ? `Remove ${rule.noun}.` : `Give it one of ${known}.`;
    faults.push(malformed(`<${name}> without an attribute does nothing.`, remedy));
  }
  return faults;
}

function hasEngine({ engines }: TagRule | AttributeRule, engine: Engine): boolean {
  return engines?.includes(engine) ?? true;
}

/** The attributes that an engine supports with some value. */
function attributesFor({ attributes }: TagRule, engine: Engine): string {
  const supported = [...attributes].filter(
    ([, rule]) => hasEngine(rule, engine) && valuesFor(rule, engine) !== undefined,
  );
  return supported.map(([key]) => `\`${key}\``).join(', ');
}

/** The values that an engine supports, if there are any. */
function valuesFor({ value, enginesOfValue }: AttributeRule, engine: Engine): ValueRule | undefined {
  if (enginesOfValue === undefined) return value;
  const values = [...enginesOfValue].filter(([, engines]) => engines.includes(engine));
  return values.length === 0 ? undefined : oneOf(...values.map(([name]) => name));
}

function malformed(message: string, remedy: string): ElementFault {
  return { kind: 'malformed', message, remedy };
}

function judgeSupport(name: string, rule: TagRule, attributes: Attributes, speaker: Speaker): ElementFault[] {
  if (rule.engines !== undefined && !rule.engines.includes(speaker.engine)) {
    const { noun, voices } = rule;
    const engines = rule.engines.filter((engine) => violations(name, rule, attributes, engine).length === 0);
    return [unsupported({ shown: `<${name}>`, noun, engines, voices }, speaker)];
  }
  if (rule.voices !== undefined && speaker.voice !== undefined && !rule.voices.includes(speaker.voice)) {
    const message = `The voice ${speaker.voice} doesn't support <${name}>.`;
    const remedy = `Remove ${rule.noun}, or use a voice that has it: ${rule.voices.join(', ')}.`;
    return [{ kind: 'unsupported', message, remedy }];
  }
  return Object.entries(attributes).flatMap(([attribute, value]) => {
    const attributeRule = rule.attributes.get(attribute);
    const able = attributeRule?.enginesOfValue?.get(value) ?? attributeRule?.engines;
    if (able === undefined || able.includes(speaker.engine)) return [];
    const engines = attributeRule?.value.accepts(value) ? able : [];
    const noun =
      name === 'prosody' && keepsAttribute(rule, attributes, speaker) ? `\`${attribute}\`` : rule.noun;
    return [unsupported({ shown: `<${name} ${attribute}="${value}">`, noun, engines }, speaker)];
  });
}

/** Whether the tag has something to do without the attributes that the engine lacks. */
function keepsAttribute(rule: TagRule, attributes: Attributes, { engine }: Speaker): boolean {
  return [...rule.attributes].some(([key, its]) => Object.hasOwn(attributes, key) && hasEngine(its, engine));
}

type Unsupported = {
  readonly shown: string;
  readonly noun: string;
  /** Those that support it as it is written; none if it has to be mended first. */
  readonly engines: readonly Engine[];
  /** The only voices that support it, unless all voices with those engines do. */
  readonly voices?: readonly string[] | undefined;
};

function unsupported(what: Unsupported, speaker: Speaker): ElementFault {
  const message = `Polly's ${speaker.engine} engine doesn't support ${what.shown}.`;
  const otherwise = what.engines.length === 0 ? '' : `, or ${alternative(what, speaker)}`;
  const remedy = `Remove ${what.noun}${otherwise}.`;
  return { kind: 'unsupported', message, remedy };
}

/** Which engine to use instead, and with which voice if the given one has none of them. */
function alternative({ engines, voices }: Unsupported, speaker: Speaker): string {
  const fitting = ({ id, engines: its }: Voice) =>
    voices === undefined || voices.includes(id) ? its.filter((engine) => engines.includes(engine)) : [];
  const voice = speaker.voice === undefined ? undefined : findVoice(speaker.voice);
  const own = voice === undefined ? engines : fitting(voice);
  if (voice === undefined || own.length > 0) return `use ${listEngines(own)}`;
  const able = VOICES.filter((other) => other.language === voice.language && fitting(other).length > 0);
  const other = able.find((candidate) => candidate.gender === voice.gender) ?? able[0];
  if (other === undefined) {
    const them = voices === undefined ? '' : `: ${voices.join(', ')}`;
    return `use ${listEngines(engines)} with a voice that has it (${voice.name} does not)${them}`;
  }
  const it = voices === undefined ? 'that engine' : 'it';
  return `use ${listEngines(fitting(other))} with another voice, such as \`voice-id: ${other.id}\` (${voice.name} does not have ${it})`;
}

function listEngines(engines: readonly Engine[]): string {
  return engines.map((engine) => `\`engine: ${engine}\``).join(' or ');
}
