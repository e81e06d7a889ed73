/** The emulator is for this machine alone. */
import { expect, it } from 'vitest';
import { startS3 } from '../src/index.ts';

it('listens on one loopback address, not on every interface', async () => {
  await using server = await startS3();
  await expect(fetch(`${server.endpoint}/health`)).resolves.toMatchObject({ status: 200 });
  await expect(fetch(`${server.endpoint.replace('127.0.0.1', '127.0.0.2')}/health`)).rejects.toThrow();
});
