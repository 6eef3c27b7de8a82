// The host's own server: its page, and @vitrine/core from its own origin, with the policy that
// docs/embedding.md calls required.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

const HERE = import.meta.dirname;
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
};

const policy = (servers) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src 'self' ${servers.join(' ')}`,
    "img-src 'self' blob: data:",
    "style-src 'self'",
    "base-uri 'none'",
  ].join('; ');

/**
 * Serves the page on a free port. `embed(server, …more)` says which Vitrine server it embeds, and
 * which others its policy allows.
 */
export const hostServer = async (packages) => {
  let servers = ['http://127.0.0.1:9'];
  const host = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://host');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const folder = name.startsWith('vitrine/') ? path.join(packages, 'core') : HERE;
    try {
      let body = await readFile(path.join(folder, path.basename(name)));
      if (name === 'index.html') body = body.toString().replace('SERVER', servers[0]);
      response.writeHead(200, {
        'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream',
        'content-security-policy': policy(servers),
        'cache-control': 'no-store',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => host.listen(0, '127.0.0.1', resolve));
  const { port } = host.address();
  return {
    // Another site than the server's 127.0.0.1, and not only another port.
    origin: `http://localhost:${port}`,
    stranger: `http://127.0.0.1:${port}`,
    embed: (...all) => (servers = all),
    close: () => (host.closeAllConnections(), host.close()),
  };
};
