//! A static server for tests: serves one folder on a free port of 127.0.0.1.
//! Run directly (`node e2e/serve.mjs [FOLDER] [PORT]`), it serves dist/ for manual testing.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm', // required for streaming compilation
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.yaml': 'text/plain; charset=utf-8',
  '.tsv': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves `folder` under `base`, like GitHub Pages serves a project under its name.
 * @param {string} folder
 * @param {{ port?: number, base?: string, gzip?: boolean }} [options] port 0 chooses a free one;
 *   `gzip` compresses responses and makes them cacheable, like public servers
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve(folder, { port = 0, base = '/', gzip = false } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    let path;
    try {
      path = decodeURIComponent(pathname);
    } catch {
      return response.writeHead(400).end();
    }
    if (!path.startsWith(base)) return response.writeHead(404).end();
    path = path.slice(base.length);
    if (path === '' || path.endsWith('/')) path += 'index.html';
    const file = normalize(join(folder, path));
    if (!file.startsWith(normalize(folder + sep))) return response.writeHead(403).end();
    try {
      const content = await readFile(file);
      const body = gzip ? gzipSync(content, { level: 9 }) : content;
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      const transfer = gzip ? { 'content-encoding': 'gzip', 'cache-control': 'max-age=600' } : { 'cache-control': 'no-store' };
      response.writeHead(200, { 'content-type': type, 'content-length': body.length, ...transfer });
      response.end(request.method === 'HEAD' ? undefined : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close: () => new Promise(done => { server.close(done); server.closeAllConnections(); }),
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(argv[2] ?? 'dist', { port: Number(argv[3] ?? 8081) });
  console.log(url);
}
