/** The actions that a request to S3, SNS or SQS requires, by AWS's own tables of actions. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Deed } from './policies.ts';

const OF_SQS = 'AmazonSQS.';

/** The actions of one request; the SDK's requests name the bucket in the path here. */
export function deedsOf({ method = '', url = '/', headers }: IncomingMessage, body: string): Deed[] {
  const target = headers['x-amz-target'];
  if (typeof target === 'string' && target.startsWith(OF_SQS)) {
    const { QueueUrl = '' } = JSON.parse(body) as { QueueUrl?: string };
    const name = QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);
    return [{ action: `sqs:${target.slice(OF_SQS.length)}`, resource: `arn:aws:sqs:*:*:${name}` }];
  }
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(body);
    return [{ action: `sns:${form.get('Action')}`, resource: form.get('TopicArn') ?? '' }];
  }
  return [...copying(headers), { action: actionOn(method, url), resource: objectArn(url) }];
}

/** A copy's actions on its original: by default it copies the tags too, and any object can have some. */
function copying({ 'x-amz-copy-source': copied, ...headers }: IncomingHttpHeaders): Deed[] {
  if (typeof copied !== 'string') return [];
  const actions = ['s3:GetObject'];
  if (headers['x-amz-tagging-directive'] !== 'REPLACE') actions.push('s3:GetObjectTagging');
  return actions.map((action) => ({ action, resource: objectArn(copied) }));
}

/** The right to list the bucket that a request for an object names. */
export function listing({ url = '/' }: IncomingMessage): Deed[] {
  const [, bucket = ''] = url.split('/');
  return [{ action: 's3:ListBucket', resource: objectArn(bucket) }];
}

function actionOn(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  if (/^\/[^/]+\/?$/.test(pathname)) return method === 'GET' ? 's3:ListBucket' : `s3 bucket: ${method}`;
  if (method === 'GET' || method === 'HEAD') return 's3:GetObject';
  if (method === 'DELETE')
    return searchParams.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject';
  return 's3:PutObject';
}

/** The ARN for `/bucket/key?query`, percent-encoded, with or without its first slash. */
function objectArn(path: string): string {
  const [place = ''] = path.replace(/^\//, '').split('?');
  return `arn:aws:s3:::${decodeURIComponent(place).replace(/\/$/, '')}`;
}
