/** What the operating system's error codes mean, including those that no test can provoke. */
import { describe, expect, it } from 'vitest';
import { folderError } from './errors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as Node says it`), { code });
}

describe('folderError', () => {
  it.each([
    ['ENOENT', 'not-found', false],
    ['EACCES', 'denied', false],
    ['EPERM', 'denied', false],
    ['ELOOP', 'denied', false],
    ['ENOSPC', 'full', true],
    ['EDQUOT', 'full', true],
    ['EROFS', 'read-only', false],
    ['ENAMETOOLONG', 'invalid-key', false],
    ['ENOTDIR', 'invalid-key', false],
    ['EIO', 'unavailable', true],
    ['ESTALE', 'unavailable', true],
    ['ENOTCONN', 'unavailable', true],
    ['ECONNABORTED', 'unavailable', true],
    ['ECONNRESET', 'unavailable', true],
    ['EHOSTUNREACH', 'unavailable', true],
    ['ENETUNREACH', 'unavailable', true],
    ['EREMOTEIO', 'unavailable', true],
    ['EMFILE', 'unavailable', true],
    ['EWHATEVER', 'unknown', false],
  ])('%s means %s, retryable %s', (errno, code, retryable) => {
    const cause = systemError(errno);
    const error = folderError(cause, 'Cannot write /out/a.mp3');
    expect(error).toMatchObject({ code, retryable, cause });
    expect(error.message).toMatch(/^Cannot write \/out\/a\.mp3: ./);
    expect(error.remedy).toMatch(/\.$/);
  });

  it('passes on an error that is already translated', () => {
    const error = folderError(systemError('EIO'), 'Cannot write a');
    expect(folderError(error, 'Cannot write b')).toBe(error);
  });
});
