/** The whole system on S3: set files and audio in one bucket, tasks in another, and only the inbox in a folder. */
import { type EventOf, subjects } from '@setlist/contracts';
import { openStore } from '@setlist/storage';
import { eventually, startS3 } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { System, setFile } from './system.ts';

test('a set’s files reach the bucket under their names, a long text by a task, and a rerun pays nothing', async () => {
  await using s3 = await startS3();
  await s3.createBucket('setlist');
  await s3.createBucket('setlist-tasks');
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = s3.env;
  // Stores find credentials as the SDK does, both in this process and in the services.
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  const credentials = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  await using system = await System.start({
    engine: { ENGINE: 'instant', TASK_OUTPUT_DIR: '', S3_ENDPOINT: s3.endpoint, ...credentials },
    services: {
      STORE: 's3://setlist/kept',
      OUTPUT: 's3://setlist/audio',
      TASK_STORE: 's3://setlist-tasks',
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: s3.region,
      S3_FORCE_PATH_STYLE: 'true',
      ...credentials,
    },
  });
  const long = 'A sentence that goes on for a while, and then some more. '.repeat(60);
  const phrase = (index: number): string => (index === 3 ? long : `Phrase ${index}.`);
  await system.drop('in-the-bucket.yml', setFile('in-the-bucket', 5, { phrase }));
  const first = await system.completed('in-the-bucket', 60_000);
  expect(first.data.counts).toMatchObject({ total: 5, completed: 5, paid: 5 });
  expect(first.data.set.location).toBe('s3://setlist/audio/in-the-bucket');

  const bucket = openStore('s3://setlist', { ...s3.s3ClientConfig, forcePathStyle: true });
  const keys = async (prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of bucket.list(prefix)) found.push(key);
    return found;
  };
  // The five files, and both forms of the manifest, which come a moment later.
  await eventually(async () => expect(await keys('audio/in-the-bucket/')).toHaveLength(7));
  expect(await keys('kept/audio/')).toHaveLength(5);
  await expectDescribed(system, `${s3.endpoint}/setlist`);
  expect(await keys('kept/setfiles/')).toHaveLength(1);
  const tasks = openStore('s3://setlist-tasks', { ...s3.s3ClientConfig, forcePathStyle: true });
  expect(await Array.fromAsync(tasks.list(''))).toEqual([]);

  await system.drop('again.yml', setFile('in-the-bucket', 5, { phrase }));
  const { tasksStarted, billedCharacters } = await system.engineStats();
  await eventually(async () => expect(await completions(system)).toHaveLength(2));
  const [, second] = await completions(system);
  expect(second?.data.counts).toMatchObject({ completed: 5, reused: 5, paid: 0 });
  expect(await system.engineStats()).toMatchObject({ tasksStarted, billedCharacters });
});

/** Each item's file and the canonical audio have metadata: what they are, and whose. */
async function expectDescribed(system: System, bucket: string): Promise<void> {
  const described = async (key: string) => {
    const { headers } = await fetch(`${bucket}/${key}`, { method: 'HEAD' });
    const kept = (name: string) => headers.get(`x-amz-meta-${name}`);
    return { type: headers.get('content-type'), set: kept('set'), item: kept('item'), hash: kept('hash') };
  };
  const type = 'audio/mpeg';
  const looked = { files: 0, sounds: 0 };
  for (const { name, setId, data } of await system.events(subjects.outcome('*', '*', '*', '*'))) {
    if (name !== 'ItemCompleted') continue;
    looked.files++;
    const { file, index, hash } = data;
    expect(await described(`audio/${file}`)).toEqual({ type, set: setId, item: `${index}`, hash });
  }
  for (const { name, data } of await system.events(subjects.sound('*'))) {
    if (name !== 'SoundPaid') continue;
    looked.sounds++;
    const { object, hash } = data;
    expect(await described(`kept/${object}`)).toEqual({ type, set: null, item: null, hash });
  }
  expect(looked).toEqual({ files: 5, sounds: 5 });
}

async function completions(system: System): Promise<EventOf<'SetCompleted'>[]> {
  const lives = await system.events(subjects.state('*'));
  return lives.filter((event) => event.name === 'SetCompleted');
}
