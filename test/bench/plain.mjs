// The floor of any HTTP server here: node:http, one small JSON, nothing else.
import { createServer } from 'node:http';

const body = JSON.stringify({ status: 'ok' });
createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body)).listen(
  Number(process.env.PORT),
  '127.0.0.1',
);
process.on('SIGTERM', () => process.exit(0));
