/** Words for faults of a file in which any text may be a secret in the wrong place: nothing is quoted but plain names. */
import type { YAMLParseError } from 'yaml';

const PLAIN = /^\w[\w-]{0,63}$/;

/** What somebody called a key, a variable or an anchor, where it looks like a name. */
export const named = (name: string, instead: string): string => (PLAIN.test(name) ? name : instead);

const BY_CODE: Partial<Record<YAMLParseError['code'], string>> = {
  BAD_INDENT: 'this line is not indented as those around it',
  DUPLICATE_KEY: 'a key is there already; each has to be unique',
  MISSING_CHAR: 'a sign is missing here, such as a quote, a bracket, a comma, or the space after a colon',
  MULTIPLE_DOCS: 'a second document begins here',
  TAB_AS_INDENT: 'a tab stands here; YAML is indented by spaces',
};

/** The library's own message may hold the text that it can't read. */
export const yamlProblem = ({ code }: YAMLParseError): string =>
  `is no YAML: ${BY_CODE[code] ?? "this can't be read; put a text that holds signs in quotes"}`;
