/** Notifies SNS topics about tasks that have ended. */
import { ApiError } from '../wire/api-error.ts';

export type CompletionTopic = {
  /** @throws ApiError InvalidSnsTopicArnException if the topic can't be notified. */
  check(topicArn: string): void;
  publish(topicArn: string, message: object): Promise<void>;
};

export const noCompletionTopic: CompletionTopic = {
  check() {
    throw new ApiError(
      'InvalidSnsTopicArnException',
      'This local engine notifies no topics: start it with SNS_ENDPOINT',
    );
  },
  publish: () => Promise.reject(new Error('There is no SNS to publish to: set SNS_ENDPOINT')),
};
