/** How stores are configured from the environment. */
import { loadConfig } from '@setlist/runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { storeOptionsOf, storeSettings } from './settings.ts';

const optionsOf = (env: Record<string, string>) => storeOptionsOf(loadConfig(z.object(storeSettings), env));

describe('store settings', () => {
  it('read tags with spaces, empty values and "=" in them', () => {
    expect(optionsOf({ S3_TAGS: 'project = Moby Dick, empty=,sum=1+1=2' }).tags).toEqual({
      project: 'Moby Dick',
      empty: '',
      sum: '1+1=2',
    });
  });

  it.each(['project', '=x', 'a=1,,b=2', Array.from({ length: 11 }, (_, n) => `k${n}=v`).join(',')])(
    'refuse %j as tags',
    (tags) => {
      expect(() => optionsOf({ S3_TAGS: tags })).toThrow(/S3_TAGS/);
    },
  );

  it('encrypt with aws:kms when only a KMS key is given', () => {
    expect(optionsOf({ S3_KMS_KEY_ID: 'alias/setlist' })).toMatchObject({
      encryption: 'aws:kms',
      kmsKeyId: 'alias/setlist',
    });
    expect(optionsOf({ S3_ENCRYPTION: 'AES256' })).toMatchObject({ encryption: 'AES256' });
    expect(optionsOf({}).encryption).toBeUndefined();
  });
});
