/** Tells SNS topics about tasks that ended. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ApiError } from '../wire/api-error.ts';
import { type AwsEndpoint, awsClientConfig } from './aws-endpoint.ts';

export type CompletionTopic = {
  /** @throws ApiError InvalidSnsTopicArnException where it couldn't be told. */
  check(topicArn: string): void;
  publish(topicArn: string, message: object): Promise<void>;
};

export function snsCompletionTopic(endpoint: AwsEndpoint): CompletionTopic & Disposable {
  const client = new SNSClient(awsClientConfig(endpoint));
  return {
    check: () => undefined,
    async publish(topicArn, message) {
      await client.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(message) }));
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

export const noCompletionTopic: CompletionTopic = {
  check() {
    throw new ApiError(
      'InvalidSnsTopicArnException',
      'This local engine tells no topics: start it with SNS_ENDPOINT',
    );
  },
  publish: () => Promise.reject(new Error('There is no SNS to publish to: set SNS_ENDPOINT')),
};
