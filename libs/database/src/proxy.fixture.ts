import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a server, by which a spec takes connections away at the very point that it wants to. */
export async function proxyTo(target: { host: string; port: number }) {
  const pairs = new Set<[Socket, Socket]>();
  let refusing = false;
  let silent = false;
  let onSent: (text: string) => 'pass' | 'drop' | 'pass and cut' = () => 'pass';

  const server = createServer((client) => {
    if (refusing) return client.destroy();
    const upstream = connect(target.port, target.host);
    const pair: [Socket, Socket] = [client, upstream];
    const cut = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    pairs.add(pair);
    for (const socket of pair) socket.on('error', cut).on('close', cut).setNoDelay(true);
    client.on('data', (data) => {
      if (silent) return;
      const what = onSent(data.toString('latin1'));
      if (what === 'drop') return cut();
      upstream.write(data);
      // The answer is thrown away: the server has done it, and nobody knows.
      if (what === 'pass and cut') upstream.removeAllListeners('data').on('data', cut);
    });
    upstream.on('data', (data) => {
      if (!silent) client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    /** How many connections go through it. */
    count: () => pairs.size,
    /** Decides on what a client sends; once it has decided to drop or cut it passes everything again. */
    intercept(decide: (text: string) => 'pass' | 'drop' | 'pass and cut') {
      onSent = (text) => {
        const what = decide(text);
        if (what !== 'pass') onSent = () => 'pass';
        return what;
      };
    },
    cutAll() {
      for (const [client, upstream] of [...pairs]) [client, upstream].forEach((socket) => socket.destroy());
    },
    /** As if the server were down. */
    down() {
      refusing = true;
      this.cutAll();
    },
    up() {
      refusing = false;
      silent = false;
    },
    /** As if the network had gone: nothing arrives any more, and nobody says so. */
    hush() {
      silent = true;
    },
    close() {
      this.cutAll();
      server.close();
    },
  };
}

export type Proxy = Awaited<ReturnType<typeof proxyTo>>;
