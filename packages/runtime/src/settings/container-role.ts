/** Where the AWS SDK looks for credentials by itself, as far as Setlist needs to know it. */
import type { Environment } from './config.ts';

/**
 * Whether an agent hands out a role's credentials to this container, as on ECS and EKS.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export const hasContainerRole = (env: Environment = process.env): boolean =>
  Boolean(env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI);
