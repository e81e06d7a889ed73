/** Words for faults in a file where any text can be a misplaced secret: only plain names are quoted. */
import type { YAMLParseError } from 'yaml';

const PLAIN = /^\w[\w-]{0,63}$/;

/** The name of a key, a variable or an anchor if it looks like a name, else the substitute. */
export const named = (name: string, instead: string): string => (PLAIN.test(name) ? name : instead);

const BY_CODE: Partial<Record<YAMLParseError['code'], string>> = {
  BAD_INDENT: 'this line is not indented like those around it',
  DUPLICATE_KEY: 'a key already exists; each must be unique',
  MISSING_CHAR:
    'a character is missing here, such as a quote, a bracket, a comma, or the space after a colon',
  MULTIPLE_DOCS: 'a second document begins here',
  TAB_AS_INDENT: 'there is a tab here; YAML is indented with spaces',
};

/** Replaces the library's own message, which can quote the text that it can't read. */
export const yamlProblem = ({ code }: YAMLParseError): string =>
  `is not YAML: ${BY_CODE[code] ?? "this can't be read; quote texts with special characters"}`;
