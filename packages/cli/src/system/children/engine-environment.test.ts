import { expect, it } from 'vitest';
import { engineEnvironment } from './engine-environment.ts';

it('keeps the secrets of the services and of their user from the engine', () => {
  const needed = {
    PATH: '/bin',
    Path: '/bin',
    LC_ALL: 'C',
    NODE_OPTIONS: '--trace-warnings',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    WORKERS: '2',
  };
  const secrets = {
    AWS_SECRET_ACCESS_KEY: 'x',
    NATS_URL: 'nats://u:p@host',
    SMTP_URL: 'smtp://u:p@host',
    AUDIO_LINK_SECRET: 'x',
    GITHUB_TOKEN: 'x',
    NODE_AUTH_TOKEN: 'x',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=x',
    MY_PATH: 'x',
  };
  expect(engineEnvironment({ ...needed, ...secrets })).toEqual(needed);
});
