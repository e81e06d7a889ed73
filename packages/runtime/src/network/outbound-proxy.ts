/** The proxy by which AWS is reached from networks that let nothing else out. */

/**
 * Options with which an agent follows HTTPS_PROXY, HTTP_PROXY and NO_PROXY if NODE_USE_ENV_PROXY is 1: Node's own agents
 * do, those that are made by hand don't. https://nodejs.org/docs/latest-v24.x/api/http.html#built-in-proxy-support
 */
export const outboundProxy = (): { proxyEnv?: NodeJS.ProcessEnv } =>
  process.env.NODE_USE_ENV_PROXY === '1' ? { proxyEnv: process.env } : {};
