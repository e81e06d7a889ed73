/** Serves single routes over HTTP with stand-ins for log and store; by default, the caller can do everything. */
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { onTestFinished } from 'vitest';
import { type Caller, localCaller } from '../src/access/caller.ts';
import { errorHandler } from '../src/http/problem.ts';

/** Closes when the test ends. */
export function bareApi(callerNow: () => Caller = () => localCaller) {
  const app = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 2_000 } });
  onTestFinished(() => app.close());
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(errorHandler());
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = callerNow();
  });
  return app.withTypeProvider<ZodTypeProvider>();
}
