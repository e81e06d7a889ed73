/** Assembles the HTTP server: access checks, routes, and problem documents. */
import { fastifyHelmet } from '@fastify/helmet';
import { fastifyRateLimit } from '@fastify/rate-limit';
import { fastifySwagger } from '@fastify/swagger';
import { fastifySwaggerUi } from '@fastify/swagger-ui';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { ConsoleDeps } from './http/deps.ts';
import { guard, openToAll } from './http/guard.ts';
import { OnceOnly } from './http/once.ts';
import { errorHandler, HttpProblem, sendProblem } from './http/problem.ts';
import { sameSite } from './http/same-site.ts';
import { watchRequests } from './http/watched.ts';
import { audioRoutes } from './routes/audio.ts';
import { eventRoutes } from './routes/events.ts';
import { fileRoutes } from './routes/files.ts';
import { itemRoutes } from './routes/items.ts';
import { liveRoutes } from './routes/live.ts';
import { moneyRoutes } from './routes/money.ts';
import { pageForLost, pageRoutes } from './routes/page.ts';
import { previewRoutes } from './routes/preview.ts';
import { setFileRoutes } from './routes/set-files.ts';
import { setRoutes } from './routes/sets.ts';
import { steeringRoutes } from './routes/steering.ts';
import { submitRoutes } from './routes/submit.ts';
import { voiceRoutes } from './routes/voices.ts';
import { takeUploads } from './set-files/upload.ts';

const SMALL_BODY = 1_048_576;
/** The longest a request can take to arrive, in ms: enough for the largest set file over a slow line. */
const SENT_WITHIN_MS = 300_000;
const ROUTES = [
  setRoutes,
  itemRoutes,
  eventRoutes,
  steeringRoutes,
  audioRoutes,
  fileRoutes,
  voiceRoutes,
  moneyRoutes,
  liveRoutes,
] as const;

/** Routes whose bodies are set files. */
const UPLOAD_ROUTES = [setFileRoutes, previewRoutes, submitRoutes] as const;

/** Serves the API under `/api/v1`, its description, and the page. */
export async function consoleApp(deps: ConsoleDeps): Promise<FastifyInstance> {
  const { settings } = deps;
  const onError = errorHandler();
  const app: FastifyInstance = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: SMALL_BODY,
    requestTimeout: SENT_WITHIN_MS,
    trustProxy: settings.TRUSTED_PROXIES ?? false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2_000, ignoreTrailingSlash: true },
    frameworkErrors: onError,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(onError);
  const pageFor = pageForLost();
  app.setNotFoundHandler((request, reply) => {
    const page = pageFor(request);
    if (page === undefined) return sendProblem(reply, nothingThere(request.url));
    return reply.code(404).type('text/html').header('cache-control', 'no-cache').send(page);
  });
  app.decorateRequest('caller');
  app.decorateRequest('once');
  watchRequests(app);
  await app.register(fastifyHelmet, headersOf(settings));
  await app.register(fastifyRateLimit, { global: false, max: settings.RATE_LIMIT, timeWindow: '1 minute' });
  // First of all: requests by another site's page must not count against this browser's rate limit.
  const checkSite = sameSite(settings.CONSOLE_HOSTS ?? []);
  app.addHook('onRequest', async (request) => checkSite(request));
  // Before all other checks, since refused requests count too; set per route, the limit would run after them.
  app.addHook('onRequest', app.rateLimit());
  await describe(app);
  checkRequests(app, deps);
  await app.register(
    async (api) => {
      const typed = api.withTypeProvider<ZodTypeProvider>();
      for (const routes of ROUTES) routes(typed, deps);
      await api.register(async (uploads) => {
        const typedUploads = uploads.withTypeProvider<ZodTypeProvider>();
        takeUploads(typedUploads, settings.MAX_SET_FILE);
        for (const routes of UPLOAD_ROUTES) routes(typedUploads, deps);
      });
    },
    { prefix: '/api/v1' },
  );
  await pageRoutes(app);
  return app;
}

/** Authenticates and authorizes callers before anything is done, and makes writes with a key idempotent. */
function checkRequests(app: FastifyInstance, { settings, log }: ConsoleDeps): void {
  const checkCaller = guard(settings);
  const once = new OnceOnly(log);
  app.addHook('onRequest', (request) => checkCaller(request));
  app.addHook('preHandler', (request, reply) => once.before(request, reply));
  app.addHook('onSend', (request, reply, payload) => once.after(request, reply, payload));
}

/** Only scripts and resources of our own, and no framing. */
function headersOf({ CONSOLE_TLS: tls, S3_ENDPOINT: s3 }: ConsoleDeps['settings']) {
  const audioInS3 = ['https:', ...(s3 === undefined ? [] : [new URL(s3).origin])];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        // Plots and the editor set style attributes; this doesn't allow inline style sheets.
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        mediaSrc: ["'self'", 'blob:', ...audioInS3],
        // The page fetches audio from S3 to draw its waveform.
        connectSrc: ["'self'", ...audioInS3],
        fontSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        ...(tls ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    hsts: tls,
    referrerPolicy: { policy: 'no-referrer' as const },
    crossOriginEmbedderPolicy: false,
  };
}

/** Documents the scope that a route needs, from the route's own configuration. */
function withScope(route: Parameters<typeof jsonSchemaTransform>[0]) {
  const { schema, url } = jsonSchemaTransform(route);
  const { scope = 'read' } = route.route.config ?? {};
  return { schema: { ...schema, security: scope === 'public' ? [] : [{ bearer: [scope] }] }, url };
}

/** OpenAPI 3.1, derived from the schemas that validate requests and serialize answers. */
async function describe(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Setlist console',
        version: '1',
        description:
          'Sets, their items, events and audio; commands; live changes. Refusals are problem documents (RFC 9457).',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ bearer: [] }],
    },
    transform: withScope,
  });
  await app.register(async (reference) => {
    openToAll(reference);
    await reference.register(fastifySwaggerUi, { routePrefix: '/reference', staticCSP: true });
  });
  app.get('/openapi.json', { config: { scope: 'public' }, schema: { hide: true } }, () => app.swagger());
}

const nothingThere = (url: string): HttpProblem =>
  new HttpProblem(404, {
    code: 'not-found',
    detail: `there is nothing at ${url.split('?', 1)[0]}`,
    remedy: 'See /reference for what there is.',
  });
