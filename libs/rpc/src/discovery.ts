import { isIP } from 'node:net';
import { watchConsul } from './consul.discovery.js';
import type { DiscoverySettings } from './discovery.settings.js';
import { watchNames } from './dns.discovery.js';
import { fixed, type Watch } from './place.js';

/** Finds a service: at its URLs, whose host names are looked up again and again; else by Consul, where there is one; else at `otherwise`. */
export function discover(
  service: string,
  urls: readonly string[],
  settings: DiscoverySettings,
  otherwise: string,
): Watch {
  if (urls.some(hasName)) return watchNames(urls, settings.DISCOVERY_REFRESH_MS);
  if (urls.length > 0) return fixed(() => urls);
  const { CONSUL_URL: url, CONSUL_TOKEN: token } = settings;
  return url ? watchConsul(`${service}-service`, { url, token }) : fixed(() => [otherwise]);
}

const hasName = (url: string): boolean => isIP(new URL(url).hostname.replace(/^\[|\]$/g, '')) === 0;
