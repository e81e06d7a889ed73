/** Routes by themselves over HTTP, for a caller who may do all unless told, on whatever the test has in place of log and store. */
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { onTestFinished } from 'vitest';
import { type Caller, localCaller } from '../src/access/caller.ts';
import { onError } from '../src/http/problem.ts';

/** Closed when the test has ended. */
export function bareApi(callerNow: () => Caller = () => localCaller) {
  const app = fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(onError);
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = callerNow();
  });
  return app.withTypeProvider<ZodTypeProvider>();
}
