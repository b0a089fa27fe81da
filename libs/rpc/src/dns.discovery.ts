import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Place, Watch } from './place.js';

/** The addresses of a host name. */
export type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>;

const systemLookup: Lookup = (host) => lookup(host, { all: true });

/** A place for every address of every URL's host, looked up again every `everyMs`. A name that cannot be looked up keeps the addresses it had. */
export const watchNames =
  (urls: readonly string[], everyMs: number, look: Lookup = systemLookup): Watch =>
  (tell) => {
    const last = new Map<string, readonly Place[]>();
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const round = async (): Promise<void> => {
      await Promise.all(
        urls.map(async (url) => {
          const places = await placesOf(url, look).catch(() => undefined);
          if (places) last.set(url, places);
        }),
      );
      if (stopped) return;
      tell(urls.flatMap((url) => last.get(url) ?? []));
      timer = setTimeout(() => void round(), everyMs).unref();
    };
    void round();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  };

/** A machine with an IPv4 and an IPv6 address is one place and not two: IPv4 is taken where there is any. */
async function placesOf(url: string, look: Lookup): Promise<Place[]> {
  const { protocol, hostname, port } = new URL(url);
  if (isIP(hostname.replace(/^\[|\]$/g, ''))) return [{ origin: url }];
  const found = await look(hostname);
  const four = found.filter(({ family }) => family === 4);
  return (four.length > 0 ? four : found).map(({ address, family }) => ({
    origin: `${protocol}//${family === 6 ? `[${address}]` : address}${port && `:${port}`}`,
    servername: hostname,
  }));
}
