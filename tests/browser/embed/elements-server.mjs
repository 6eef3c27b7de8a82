// Serves pages that have Vitrine's elements from an origin of their own.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

/** The packages as they are in the source tree. */
export const PACKAGES = path.resolve(import.meta.dirname, '../../../web/packages');

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * A server on a free port. `routes` are pairs of a prefix and a folder or file, the first that fits counts; all
 * answers have the policy that `policy()` says. `edit(text)` may change pages and scripts before they are sent.
 */
export const serve = async (routes, policy, edit = (text) => text) => {
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const route = routes.find(([prefix]) => name.startsWith(prefix));
    try {
      const rest = name.slice(route[0].length);
      const body = await readFile(rest ? path.join(route[1], path.normalize(rest)) : route[1]);
      const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': policy() });
      const isText = type === TYPES['.html'] || type === TYPES['.js'];
      response.end(isText ? edit(body.toString()) : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A script that has failed ends, and the server with it.
  server.unref();
  // Another site than a server at 127.0.0.1, and not only another port.
  const origin = `http://localhost:${server.address().port}`;
  return { origin, close: () => (server.closeAllConnections(), server.close()) };
};

/** What the packages need of a policy, and nothing else. */
export const policyFor = (server) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src 'self' ${server}`,
    "img-src blob: data:",
    "style-src 'self'",
    "base-uri 'none'",
  ].join('; ');
