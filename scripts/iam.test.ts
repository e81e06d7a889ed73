/** Checks the policies in deploy/iam against the code: they allow what each service calls, and nothing else. */
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSourceTree } from './architecture/source-tree.ts';
import { ACTIONS } from './iam/actions.ts';
import { awsCallsByService } from './iam/aws-calls.ts';

const ROOT = resolve(import.meta.dirname, '..');

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

const calls = awsCallsByService(ROOT, readSourceTree(ROOT));
const policies = new Map(
  globSync('deploy/iam/*.json', { cwd: ROOT }).map((path) => {
    const policy = JSON.parse(readFileSync(resolve(ROOT, path), 'utf8'));
    return [basename(path, '.json'), policy as { Version: string; Statement: Statement[] }] as const;
  }),
);
const actionsFor = (commands: ReadonlySet<string> = new Set()): string[] =>
  [...commands].flatMap((command) => ACTIONS[command] ?? []);
const calling = [...calls].filter(([, { all }]) => all.size > 0).map(([service]) => service);

it('every service that calls AWS has a policy, and no other service has one', () => {
  expect([...policies.keys()].sort()).toEqual(calling.sort());
});

it('the required actions of every call are known', () => {
  const commands = new Set([...calls.values()].flatMap(({ all }) => [...all]));
  expect([...commands].filter((command) => !(command in ACTIONS))).toEqual([]);
  // A scan that finds none of these is broken.
  for (const command of [
    'PutObject',
    'CopyObject',
    'UploadPart',
    'ListObjectsV2',
    'SynthesizeSpeech',
    'ReceiveMessage',
    'Publish',
  ]) {
    expect(commands).toContain(command);
  }
});

describe.each([...policies])('the policy of %s', (service, { Version, Statement: statements }) => {
  it('allows what the service calls, and nothing else', () => {
    const needed = actionsFor(calls.get(service)?.all);
    const allowed = statements.flatMap(({ Action }) => Action);
    expect([...new Set(allowed)].sort()).toEqual([...new Set(needed)].sort());
  });

  it('allows its calls on the output in the output’s bucket', () => {
    const needed = actionsFor(calls.get(service)?.toOutput).filter((action) => action.startsWith('s3:'));
    const onOutput = statements.filter(({ Resource }) =>
      Resource.some((resource) => resource.includes('<OUTPUT_BUCKET>')),
    );
    const allowed = new Set(onOutput.flatMap(({ Action }) => Action));
    expect(needed.filter((action) => !allowed.has(action))).toEqual([]);
  });

  it.each([
    { sid: 'OnlyWithAKmsKeyOnTheTopic', of: 'sns', callers: ['Publish', 'StartSpeechSynthesisTask'] },
    { sid: 'OnlyWithAKmsKeyOnTheQueue', of: 'sqs', callers: ['ReceiveMessage'] },
  ])(
    'allows the key that encrypts it, only through its service in its region: $sid',
    ({ sid, of, callers }) => {
      const arn = new RegExp(`^arn:aws:${of}:(<\\w+>):`);
      const regions = statements.flatMap(({ Resource }) =>
        Resource.flatMap((each) => arn.exec(each)?.[1] ?? []),
      );
      const actions = ['kms:Decrypt', ...(of === 'sns' ? ['kms:GenerateDataKey'] : [])];
      expect(regions).toHaveLength(callers.some((call) => calls.get(service)?.all.has(call)) ? 1 : 0);
      expect(keysFor(sid)).toEqual(regions.map((region) => ({ actions, region, via: `${of}.${region}` })));
    },
  );

  it('allows those who have tasks write to a bucket the key that encrypts it, in Polly’s region', () => {
    const region = '<POLLY_REGION>';
    const key = { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], region, via: `s3.${region}` };
    const hasTasks = calls.get(service)?.all.has('StartSpeechSynthesisTask') === true;
    expect(keysFor('OnlyWithAKmsKeyOnTheTaskBucket')).toEqual(hasTasks ? [key] : []);
  });

  /** What the statement of this name allows with a key, where the key is, and through what. */
  const keysFor = (sid: string) =>
    statements
      .filter(({ Sid }) => Sid === sid)
      .map(({ Action, Resource, Condition }) => ({
        actions: Action,
        region: /^arn:aws:kms:(<\w+>):<ACCOUNT>:key\//.exec(Resource.join())?.[1],
        via: /"kms:ViaService":"(.+)\.amazonaws\.com"/.exec(JSON.stringify(Condition))?.[1],
      }));

  it('names each action and resource; only Polly, which has no resources, is allowed as a whole', () => {
    expect(Version).toBe('2012-10-17');
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    for (const { Sid, Effect, Action, Resource } of statements) {
      expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
      expect(Effect).toBe('Allow');
      expect(Action.filter((action) => !/^[a-z0-9]+:[A-Za-z0-9]+$/.test(action))).toEqual([]);
      const everything = Resource.filter(
        (resource) => !/^arn:aws:(s3|sqs|sns|kms|polly):.*<[A-Z_]+>/.test(resource),
      );
      expect(everything).toEqual(
        Action.every((action) => action.startsWith('polly:')) && everything.length > 0 ? ['*'] : [],
      );
    }
  });
});

it('the manual explains every placeholder', () => {
  const manual = readFileSync(resolve(ROOT, 'docs/buckets.md'), 'utf8');
  const rows = manual.match(/^\| `<.*/gm)?.join() ?? '';
  const placeholders = JSON.stringify([...policies.values()]).match(/<[A-Z_]+>/g) ?? [];
  expect(placeholders.length).toBeGreaterThan(0);
  expect(placeholders.filter((name) => !rows.includes(name))).toEqual([]);
});

it('the scan follows a call through the storage package, and only as far as it is made', () => {
  expect([...(calls.get('tracker')?.all ?? [])].sort()).toEqual([
    'AbortMultipartUpload',
    'CompleteMultipartUpload',
    'CreateMultipartUpload',
    'GetObject',
    'HeadObject',
    'PutObject',
    'UploadPart',
  ]);
});

it('the scan recognizes calls on the output by name, and by origin', () => {
  const toOutput = (service: string) => [...(calls.get(service)?.toOutput ?? [])];
  expect(toOutput('dispatcher')).toEqual(['GetObject']);
  expect(toOutput('console')).toEqual(expect.arrayContaining(['GetObject']));
});
