/** Translates the YAML parser's errors into a set file's terms, with remedies. */
import { CST, type Document, type YAMLError } from 'yaml';
import type { SyntaxFault } from './source-nodes.ts';
import { YamlPlaces } from './yaml-places.ts';

type ErrorCode = YAMLError['code'];
type Explanation = { readonly message?: string; readonly remedy: string };
type FullExplanation = Required<Explanation>;

const CHECK_LINE = 'check the indentation and the quotes of this line and the one before it';
const QUOTE_IT = 'put the whole text in quotes';

const EXPLANATIONS: Partial<Record<ErrorCode, Explanation>> = {
  TAB_AS_INDENT: { message: 'a tab is used for indentation', remedy: 'indent with spaces' },
  BAD_INDENT: { remedy: 'indent the keys of one section or item alike, with spaces' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second ": " on one line',
    remedy: `${QUOTE_IT}, since a colon followed by a space begins a new key`,
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a text of several lines is read as a key',
    remedy: `${QUOTE_IT} if it contains a colon, or write ":" after the key if it is missing`,
  },
  KEY_OVER_1024_CHARS: { message: 'a key is longer than 1,024 characters', remedy: QUOTE_IT },
  BAD_SCALAR_START: { message: 'a text cannot begin with this character', remedy: QUOTE_IT },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes begins an escape that YAML does not have',
    remedy: 'write the backslash twice, or use single quotes',
  },
  BAD_ALIAS: { message: '"*" begins an alias', remedy: `${QUOTE_IT} if it is meant to begin with "*"` },
  ALIAS_PROPS: { remedy: `${QUOTE_IT} if it is meant to begin with "*", "&" or "!"` },
  MULTIPLE_ANCHORS: { remedy: `${QUOTE_IT} if it is meant to begin with "&"` },
  MULTIPLE_TAGS: { remedy: `${QUOTE_IT} if it is meant to begin with "!"` },
  TAG_RESOLVE_FAILED: {
    message: 'a "!" at the beginning of a value is a YAML tag, and set files have none',
    remedy: `remove the tag, or ${QUOTE_IT} if it is meant to begin with "!"`,
  },
  MISSING_CHAR: { remedy: CHECK_LINE },
  UNEXPECTED_TOKEN: { remedy: CHECK_LINE },
  BLOCK_IN_FLOW: { remedy: 'close the bracket or brace before this, or quote the text that begins with it' },
};

const EXPLICIT_KEY: Explanation = {
  message: '"? " begins a key',
  remedy: `${QUOTE_IT} if it is meant to begin with "?"`,
};

const NOT_INDENTED = /^Flow (map|sequence) in block collection/;
const LIST_BEGINS = /^Unexpected block-seq-ind on same line/;
const NODE_END = /at node end$|^Unexpected scalar token/;
const NOT_CLOSED = /^Missing closing ["']quote/;

/** The parser uses one code for many faults, so its wording distinguishes them. */
const BY_WORDING: readonly (readonly [wording: RegExp, explanation: FullExplanation])[] = [
  [
    NOT_CLOSED,
    {
      message:
        'a quoted text is not closed, or continues on a line that is not indented further than its key',
      remedy: 'end it with the quote with which it begins; indent the lines on which it continues',
    },
  ],
  [
    NOT_INDENTED,
    {
      message:
        'a bracket or brace is not closed, or continues on a line that is not indented further than its key',
      remedy:
        'close it, or quote the text that begins with it; indent the lines within it further than its key',
    },
  ],
  [
    /^Implicit map keys need to be followed/,
    {
      message: 'a colon is missing after this key',
      remedy: 'write "key: value", or indent the line further if it belongs to the text above',
    },
  ],
  [
    /^Sequence item without - indicator/,
    {
      message: 'this line is neither an item nor a key of one',
      remedy: 'begin an item with "- ", and indent its keys like its first key',
    },
  ],
  [
    LIST_BEGINS,
    {
      message: 'a list begins on the line of its key',
      remedy: `begin it on the next line, or ${QUOTE_IT} if it is meant to begin with "- "`,
    },
  ],
  [
    /^(Not a YAML token|Block scalar header includes)/,
    {
      message: '">" or "|" begins a text on the lines below, but something follows on the same line',
      remedy: `${QUOTE_IT} if it is meant to begin with ">" or "|", or begin it on the next line`,
    },
  ],
  [
    /^Anchor cannot/,
    { message: '"&" begins an anchor', remedy: `${QUOTE_IT} if it is meant to begin with "&"` },
  ],
  [NODE_END, { message: 'something follows after the end of the value', remedy: QUOTE_IT }],
];

/** A quote within a quoted text, by the kind of quotes. */
const QUOTE_WITHIN: Record<string, FullExplanation> = {
  QUOTE_SINGLE: {
    message: 'the single quote before this ends the text',
    remedy: "write it twice ('') if it belongs to the text, or put the whole text in double quotes",
  },
  QUOTE_DOUBLE: {
    message: 'the double quote before this ends the text',
    remedy: 'write \\" if it belongs to the text, or put the whole text in single quotes',
  },
};

const TOO_DEEP = {
  message: 'this line is indented further than the keys above',
  remedy: 'indent it like them, or quote the text above if the line belongs to it',
};

/**
 * Explains the parser's errors in a document.
 * @param token from which the document was made
 */
export function explainYamlErrors(document: Document.Parsed, token: CST.Document): SyntaxFault[] {
  const errors = [...document.errors, ...document.warnings];
  if (errors.length === 0) return [];
  const placesOf = (code: ErrorCode) =>
    new Set(errors.flatMap((error) => (error.code === code ? [error.pos[0]] : [])));
  // The parser reports both if a text continues on a line with a colon, such as a key that is indented too far.
  const tooDeep = placesOf('BLOCK_AS_IMPLICIT_KEY').intersection(placesOf('MULTILINE_IMPLICIT_KEY'));
  const continued = nextLines(token, tooDeep);
  const places = new YamlPlaces(document);
  return errors.flatMap((error) => {
    const [at] = error.pos;
    if (!tooDeep.has(at)) return [explainYamlError(error, places)];
    if (error.code !== 'MULTILINE_IMPLICIT_KEY') return [];
    return [{ at: continued.get(at) ?? at, from: at, code: 'yaml-syntax', ...TOO_DEEP }];
  });
}

function explainYamlError(error: YAMLError, places: YamlPlaces): SyntaxFault {
  const [at] = error.pos;
  const worded = BY_WORDING.find(([wording]) => wording.test(error.message))?.[1];
  const isExplicit = error.code === 'BLOCK_AS_IMPLICIT_KEY' && places.hasExplicitKey(at);
  const quoted = NODE_END.test(error.message) ? QUOTE_WITHIN[places.typeBefore(at)] : undefined;
  const explanation = isExplicit ? EXPLICIT_KEY : (quoted ?? worded ?? EXPLANATIONS[error.code]);
  return {
    // The parser reports an unclosed quote where the text ends; the user needs to see where it begins.
    at: NOT_CLOSED.test(error.message) ? places.startOfText(at) : at,
    ...(LIST_BEGINS.test(error.message) && { spoilsLine: true }),
    ...(NOT_INDENTED.test(error.message) && { from: places.bracketBefore(at) }),
    code: error.code === 'TAG_RESOLVE_FAILED' ? 'yaml-tag' : 'yaml-syntax',
    message: explanation?.message ?? asFragment(error.message),
    remedy: explanation?.remedy ?? CHECK_LINE,
  };
}

/** Where the texts or keys that begin at these places continue on their next lines. */
function nextLines(token: CST.Document, places: ReadonlySet<number>): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (places.size === 0) return found;
  CST.visit(token, ({ key, value }) => {
    for (const part of [key, value]) {
      if (!part || !('source' in part) || !places.has(part.offset) || found.has(part.offset)) continue;
      const [first = ''] = /^.*\n\s*/.exec(part.source) ?? [];
      found.set(part.offset, part.offset + first.length);
    }
  });
  return found;
}

/** The parser's own message, adapted to the style of ours. */
function asFragment(message: string): string {
  const fragment = message.replace(/\.$/, '');
  return fragment.charAt(0).toLowerCase() + fragment.slice(1);
}
