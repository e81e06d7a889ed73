/**
 * The actions that each call to AWS requires:
 *
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 *   https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpolly.html
 *   https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 *   https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */

/** Including S3_TAGS, and a customer-managed encryption key. */
const WRITING = ['s3:PutObject', 's3:PutObjectTagging', 'kms:GenerateDataKey'];
/** Without s3:ListBucket, S3 reports missing objects as denied. */
const READING = ['s3:GetObject', 's3:ListBucket', 'kms:Decrypt'];
/** Including a topic encrypted with a customer-managed key. */
const PUBLISHING = ['sns:Publish', 'kms:GenerateDataKey', 'kms:Decrypt'];

/** By the name of the command. */
export const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  PutObject: WRITING,
  CreateMultipartUpload: [...WRITING, 'kms:Decrypt'],
  UploadPart: ['s3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  // Without S3_TAGS, a copy keeps its original's tags if somebody has added any.
  CopyObject: [...READING, 's3:GetObjectTagging', ...WRITING],
  GetObject: READING,
  HeadObject: READING,
  HeadBucket: ['s3:ListBucket'],
  ListObjectsV2: ['s3:ListBucket'],
  DeleteObject: ['s3:DeleteObject'],
  SynthesizeSpeech: ['polly:SynthesizeSpeech'],
  // Polly writes the audio and notifies TASK_TOPIC with the rights of the task's caller.
  StartSpeechSynthesisTask: ['polly:StartSpeechSynthesisTask', 's3:PutObject', ...PUBLISHING],
  GetSpeechSynthesisTask: ['polly:GetSpeechSynthesisTask'],
  ListSpeechSynthesisTasks: ['polly:ListSpeechSynthesisTasks'],
  DescribeVoices: ['polly:DescribeVoices'],
  GetLexicon: ['polly:GetLexicon'],
  Publish: PUBLISHING,
  // Including a queue encrypted with a customer-managed key.
  ReceiveMessage: ['sqs:ReceiveMessage', 'kms:Decrypt'],
  DeleteMessage: ['sqs:DeleteMessage'],
  ChangeMessageVisibility: ['sqs:ChangeMessageVisibility'],
};
