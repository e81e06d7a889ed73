import { expect, it } from 'vitest';
import { routeOf } from './routes.ts';

it.each([
  ['POST', '/v1/speech', 'SynthesizeSpeech', ''],
  ['POST', '/v1/synthesisTasks', 'StartSpeechSynthesisTask', ''],
  ['GET', '/v1/synthesisTasks?MaxResults=5&Status=failed', 'ListSpeechSynthesisTasks', ''],
  ['GET', '/v1/synthesisTasks/abc-1', 'GetSpeechSynthesisTask', 'abc-1'],
  ['GET', '/v1/voices?Engine=neural', 'DescribeVoices', ''],
  ['GET', '/v1/lexicons', 'ListLexicons', ''],
  ['PUT', '/v1/lexicons/W3C', 'PutLexicon', 'W3C'],
  ['GET', '/v1/lexicons/a%20b', 'GetLexicon', 'a b'],
  ['DELETE', '/v1/lexicons/%zz', 'DeleteLexicon', '%zz'],
])('%s %s is %s', (method, target, operation, name) => {
  expect(routeOf(method, target)).toMatchObject({ operation, name });
});

it.each([
  ['GET', '/v1/speech'],
  ['POST', '/v1/speechStream'],
  ['GET', '/v1/lexicons/a/b'],
  ['GET', '/'],
])('knows no %s %s', (method, target) => {
  expect(routeOf(method, target)).toBeUndefined();
});
