/** Tells SNS topics about tasks that ended. */
import { ApiError } from '../wire/api-error.ts';

export type CompletionTopic = {
  /** @throws ApiError InvalidSnsTopicArnException where it couldn't be told. */
  check(topicArn: string): void;
  publish(topicArn: string, message: object): Promise<void>;
};

export const noCompletionTopic: CompletionTopic = {
  check() {
    throw new ApiError(
      'InvalidSnsTopicArnException',
      'This local engine tells no topics: start it with SNS_ENDPOINT',
    );
  },
  publish: () => Promise.reject(new Error('There is no SNS to publish to: set SNS_ENDPOINT')),
};
