import http from 'node:http';
import https from 'node:https';

/** Asks a balancer that trusts nobody but its own certificate. `body` may be a function that writes; `onChunk` sees the answer as it comes. */
export function request(to, method, path, { headers = {}, body, plain = false, agent = false, onChunk } = {}) {
  const port = plain ? to.http : to.https;
  const options = { host: '127.0.0.1', port, method, path, headers, agent, ca: to.ca, servername: 'localhost' };
  return new Promise((resolve, reject) => {
    const asked = (plain ? http : https).request(options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => {
        chunks.push({ chunk, at: Date.now() });
        onChunk?.(chunk.toString(), asked);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks.map(({ chunk }) => chunk)).toString();
        resolve({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, text, chunks });
      });
    });
    asked.on('error', reject);
    if (typeof body === 'function') body(asked);
    else asked.end(body);
  });
}
