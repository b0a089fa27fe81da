import { headline } from '../artefact.js';
import type { Deployment } from '../deployment.js';
import { UNLIMITED } from '../balancer/edge.js';

/** Who may open connections to these ports: servers of a role, or with no `from` everybody. */
export interface Opening {
  ports: readonly number[];
  /** Names of roles, e.g. `order-service`. */
  from?: readonly string[];
}

/** The servers of one role, and what is open on them. */
export interface Host {
  role: string;
  openings: readonly Opening[];
}

/** Where an operator's own clients, migrations and backups run. */
export const MANAGEMENT = 'management';

const PRIVATE = UNLIMITED.filter((range) => range.includes('.') && !range.startsWith('127.'));

/** `order-service` → `ORDER_SERVICE`, the set of its servers' addresses. */
const setOf = (role: string): string => role.toUpperCase().replaceAll('-', '_');

/** The rules of a server of this role, for `nft -f`. IPv4 inside, both outside. */
export const nftables = (deployment: Deployment, { role, openings }: Host): string => `#!/usr/sbin/nft -f
${headline(deployment)}
# For servers of the role ${role}: what is not named here is dropped. What the server itself asks of others is not looked at. Containers' published
# ports do not pass here (Docker forwards them); keep to the networks of the compose file there.

define INTERNAL = { ${PRIVATE.join(', ')} }
define MANAGEMENT = $INTERNAL
${rolesOf(openings)
  .map((from) => `define ${setOf(from)} = $INTERNAL\n`)
  .join('')}
# The private network is wide. Say which servers have which role in files of your own there: redefine ${setOf(rolesOf(openings)[0] ?? MANAGEMENT)} = { 10.0.1.11, 10.0.1.12 }
include "/etc/nakku/addresses/*.nft"

table inet nakku
delete table inet nakku
table inet nakku {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        ct state invalid drop
        iif lo accept
        meta l4proto { icmp, ipv6-icmp } limit rate 50/second accept
        ip saddr $MANAGEMENT tcp dport 22 accept
${openings.flatMap(rulesOf).join('\n')}
        limit rate 6/minute log prefix "nakku refused: "
    }
}
`;

/** Those whose sets are not there anyway. */
const rolesOf = (openings: readonly Opening[]): string[] => [
  ...new Set(openings.flatMap(({ from = [] }) => from).filter((role) => role !== MANAGEMENT)),
];

function rulesOf({ ports, from }: Opening): string[] {
  const wanted = ports.length === 1 ? String(ports[0]) : `{ ${ports.join(', ')} }`;
  if (!from) return [`        tcp dport ${wanted} accept`];
  return from.map((role) => `        ip saddr $${setOf(role)} tcp dport ${wanted} accept`);
}
