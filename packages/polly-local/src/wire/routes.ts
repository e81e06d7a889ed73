/** Which operation a request calls, by the paths of Polly's API. */

const OPERATIONS = [
  'SynthesizeSpeech',
  'StartSpeechSynthesisTask',
  'GetSpeechSynthesisTask',
  'ListSpeechSynthesisTasks',
  'DescribeVoices',
  'PutLexicon',
  'GetLexicon',
  'DeleteLexicon',
  'ListLexicons',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

export type Route = {
  readonly operation: OperationName;
  readonly name: string;
  readonly query: URLSearchParams;
};

/** The last group, if any, is the task's id or the lexicon's name. */
const ROUTES: readonly (readonly [method: string, path: RegExp, OperationName])[] = [
  ['POST', /^\/v1\/speech$/, 'SynthesizeSpeech'],
  ['POST', /^\/v1\/synthesisTasks$/, 'StartSpeechSynthesisTask'],
  ['GET', /^\/v1\/synthesisTasks$/, 'ListSpeechSynthesisTasks'],
  ['GET', /^\/v1\/synthesisTasks\/([^/]+)$/, 'GetSpeechSynthesisTask'],
  ['GET', /^\/v1\/voices$/, 'DescribeVoices'],
  ['GET', /^\/v1\/lexicons$/, 'ListLexicons'],
  ['PUT', /^\/v1\/lexicons\/([^/]+)$/, 'PutLexicon'],
  ['GET', /^\/v1\/lexicons\/([^/]+)$/, 'GetLexicon'],
  ['DELETE', /^\/v1\/lexicons\/([^/]+)$/, 'DeleteLexicon'],
];

/** @param target path and query, as in the request line. */
export function routeOf(method: string, target: string): Route | undefined {
  const [path = '', query = ''] = target.split('?', 2);
  for (const [verb, pattern, operation] of ROUTES) {
    const match = verb === method ? pattern.exec(path) : null;
    if (match) return { operation, name: decoded(match[1] ?? ''), query: new URLSearchParams(query) };
  }
  return undefined;
}

/** A segment that isn't valid percent-encoding stays unchanged; it will not be a known name. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
