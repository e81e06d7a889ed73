/** Topics of an SNS API. In its own file, loaded only if needed, since the client is slow to load. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type AwsEndpoint, awsClientConfig } from './aws-endpoint.ts';
import type { CompletionTopic } from './completion-topic.ts';

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
