// Stand-ins for gateways, which tell what they saw and fail as they are told to.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Starts a gateway at this address. `seen` are the requests that it read whole; `behave` may answer otherwise. */
export async function startGateway(address, port = 0) {
  const gateway = { seen: [], firstChunkAt: [], behave: undefined };
  const server = createServer({ keepAliveTimeout: 72_000 }, async (request, response) => {
    if (request.url.startsWith('/health')) return response.end('{"status":"ok"}');
    let size = 0;
    for await (const chunk of request) {
      if (size === 0) gateway.firstChunkAt.push(Date.now());
      size += chunk.length;
    }
    const { method, url, headers } = request;
    gateway.seen.push({ method, url, headers, size });
    if (gateway.behave) return gateway.behave(request, response);
    response.setHeader('content-type', 'application/json');
    response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains');
    return response.end(JSON.stringify({ address, url, headers }));
  });
  await new Promise((resolve, reject) => server.listen(port, address, resolve).once('error', reject));
  gateway.port = server.address().port;
  gateway.stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return gateway;
}

/** Breaks off after it has read the request: what was asked may have happened. */
export const breakOff = (request) => request.socket.destroy();

/** A stream of events that is never full: five, 200 ms apart. */
export async function fiveEvents(_request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let index = 1; index <= 5; index++) {
    response.write(`id: ${index}\n\n`);
    await sleep(200);
  }
  response.end();
}
