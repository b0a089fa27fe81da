import { collationOf } from '@nakku/database';
import { headline } from '../artefact.js';
import type { DatabaseServer, Deployment } from '../deployment.js';
import { databaseResources, maxConnections, serverIds } from './sizes.js';

/** Changes are kept for a week: a backup of that age can be brought up to any moment since. */
const KEPT_S = 7 * 24 * 3600;

/** As long as a commit waits for a replica at most. */
const SILENT_MS = 1000;

/** The settings of a server or of one of its replicas, for `/etc/mysql/conf.d`. */
export function serverConfig(deployment: Deployment, server: DatabaseServer, host = server.host): string {
  const mariadb = deployment.engine === 'mariadb';
  const replica = host !== server.host;
  const { memoryMb } = databaseResources(server);
  return `${headline(deployment)}
[mysqld]
server_id = ${serverIds(deployment).get(host)}
report_host = ${host}

# A commit that was acknowledged is on the disk, whatever happens to the machine.
innodb_flush_log_at_trx_commit = 1
sync_binlog = 1

# Every change, for replicas and for restoring to a point in time. Names without the container's host name, which changes.
log_bin = binlog
relay_log = relay-bin
${(mariadb ? mariadbReplication(replica) : mysqlReplication).join('\n')}
${server.replicas.length === 0 ? '' : `${acknowledgedByReplica(mariadb, replica).join('\n')}\n`}
# Processes x copies x pool, twice (old and new version at once), and a few more.
max_connections = ${maxConnections(deployment, server)}
innodb_buffer_pool_size = ${memoryMb / 2}M

character_set_server = utf8mb4
collation_server = ${collationOf(deployment.engine ?? 'mysql')}
default_time_zone = '+00:00'
transaction_isolation = READ-COMMITTED
skip_name_resolve = ON
local_infile = OFF
${(mariadb ? [] : mysqlOnly).map((line) => `${line}\n`).join('')}`;
}

const mysqlOnly = [
  'mysqlx = OFF',
  '# A container may not choose its memory; a server built without the choice does not know the setting.',
  'loose_innodb_numa_interleave = OFF',
];

const mysqlReplication = [
  `binlog_expire_logs_seconds = ${KEPT_S}`,
  'gtid_mode = ON',
  'enforce_gtid_consistency = ON',
  '# A primary that says nothing for so long is asked again; it sends a heartbeat twice as often.',
  'replica_net_timeout = 10',
];

/**
 * Semi-synchronous replication. `AFTER_SYNC` (the default of MySQL) waits before others can see the commit, so nothing that anybody has
 * seen is on the primary alone. With no replica there it does not wait: orders matter more than a second copy of them.
 */
function acknowledgedByReplica(mariadb: boolean, replica: boolean): string[] {
  const why = [
    '',
    '# A commit is acknowledged when a replica has it, too: a primary that is lost takes no confirmed order with it. Should all replicas',
    `# be silent for ${SILENT_MS} ms, it goes on without them until one is back (Rpl_semi_sync_source_status, on MariaDB Rpl_semi_sync_master_status).`,
  ];
  if (mariadb)
    return replica
      ? ['rpl_semi_sync_slave_enabled = ON']
      : [
          ...why,
          'rpl_semi_sync_master_enabled = ON',
          `rpl_semi_sync_master_timeout = ${SILENT_MS}`,
          'rpl_semi_sync_master_wait_no_slave = OFF',
          'rpl_semi_sync_master_wait_point = AFTER_SYNC',
        ];
  return replica
    ? ['plugin_load_add = semisync_replica.so', 'loose_rpl_semi_sync_replica_enabled = ON']
    : [
        ...why,
        'plugin_load_add = semisync_source.so',
        'loose_rpl_semi_sync_source_enabled = ON',
        `loose_rpl_semi_sync_source_timeout = ${SILENT_MS}`,
        'loose_rpl_semi_sync_source_wait_no_replica = OFF',
      ];
}

/** MySQL's replicas are made read-only by 10-replica.sh: set here, their own first start would be refused. */
const mariadbReplication = (replica: boolean): string[] => [
  `expire_logs_days = ${KEPT_S / (24 * 3600)}`,
  'binlog_format = ROW',
  'gtid_strict_mode = ON',
  'log_slave_updates = ON',
  'slave_net_timeout = 10',
  ...(replica ? ['read_only = ON'] : []),
];
