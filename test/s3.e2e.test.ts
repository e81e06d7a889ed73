/** The whole system on S3: set files and audio in one bucket, tasks in another, nothing in folders but the inbox. */
import { type EventOf, subjects } from '@setlist/contracts';
import { openStore } from '@setlist/storage';
import { eventually, startS3 } from '@setlist/testkit';
import { expect, test, vi } from 'vitest';
import { System, setFile } from './system.ts';

test('a set lands in the bucket under its names, a long text by a task, and a rerun pays nothing', async () => {
  await using s3 = await startS3();
  await s3.createBucket('setlist');
  await s3.createBucket('setlist-tasks');
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = s3.env;
  // Stores find their credentials as the SDK does, in this process as in the services.
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
  // The five files, and the manifest in both its forms, which comes a moment later.
  await eventually(async () => expect(await keys('audio/in-the-bucket/')).toHaveLength(7));
  expect(await keys('kept/audio/')).toHaveLength(5);
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

async function completions(system: System): Promise<EventOf<'SetCompleted'>[]> {
  const lives = await system.events(subjects.state('*'));
  return lives.filter((event) => event.name === 'SetCompleted');
}
