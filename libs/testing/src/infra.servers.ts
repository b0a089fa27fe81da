/** A MySQL or MariaDB server, seen by a user who may do everything in databases whose names begin with `prefix`, and nothing elsewhere. */
export interface SqlServer {
  engine: 'mysql' | 'mariadb';
  /** `mysql://user:password@host:port/prefix` */
  url: string;
  host: string;
  port: number;
  user: string;
  password: string;
  prefix: string;
  /** Read replicas, as `host:port`. */
  replicas: readonly string[];
  /** How mysql2 connects as the one who may make users; not known for a server that the environment names by its URL alone. */
  root?: RootLogin;
  /** The same on the replica. */
  replicaRoot?: RootLogin;
  /** What Nakku reads: DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_REPLICA_HOSTS. */
  env: Record<string, string>;
}

export interface RootLogin {
  user: 'root';
  socketPath: string;
}

/** A Kafka broker or cluster. */
export interface KafkaServer {
  brokers: readonly string[];
  /** What Nakku reads: KAFKA_BROKERS. */
  env: Record<string, string>;
}

/** A Redis. */
export interface RedisServer {
  url: string;
  /** What Nakku reads: REDIS_URL. */
  env: Record<string, string>;
}

/** A Redis cluster. */
export interface RedisClusterServer {
  /** `host:port` */
  nodes: readonly string[];
  /** What Nakku reads: REDIS_CLUSTER_NODES. */
  env: Record<string, string>;
}

/** What a test can ask for. */
export interface Servers {
  mysql: SqlServer;
  /** A MySQL with a read replica. */
  mysqlRepl: SqlServer;
  mariadb: SqlServer;
  /** A MariaDB with a read replica. */
  mariadbRepl: SqlServer;
  kafka: KafkaServer;
  /** Three brokers; topics with three copies, two of them in sync. */
  kafka3: KafkaServer;
  redis: RedisServer;
  redisCluster: RedisClusterServer;
}

export type ServerName = keyof Servers;

/** Variables, as the process or an env file has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

interface Kind<S> {
  /** What tools/infra calls it. */
  script: string;
  /** The variable that says where it is. */
  variable: string;
  read(variables: Variables): S;
}

export const SERVERS: { [N in ServerName]: Kind<Servers[N]> } = {
  mysql: sql('mysql', 'mysql', 'MYSQL'),
  mysqlRepl: sql('mysql-repl', 'mysql', 'MYSQL_REPL'),
  mariadb: sql('mariadb', 'mariadb', 'MARIADB'),
  mariadbRepl: sql('mariadb-repl', 'mariadb', 'MARIADB_REPL'),
  kafka: kafka('kafka', 'KAFKA_BROKERS'),
  kafka3: kafka('kafka3', 'KAFKA3_BROKERS'),
  redis: {
    script: 'redis',
    variable: 'REDIS_URL',
    read: ({ REDIS_URL = '' }) => ({ url: REDIS_URL, env: { REDIS_URL } }),
  },
  redisCluster: {
    script: 'redis-cluster',
    variable: 'REDIS_CLUSTER_NODES',
    read: ({ REDIS_CLUSTER_NODES = '' }) => ({ nodes: REDIS_CLUSTER_NODES.split(','), env: { REDIS_CLUSTER_NODES } }),
  },
};

function sql(script: string, engine: SqlServer['engine'], name: string): Kind<SqlServer> {
  const read = (variables: Variables): SqlServer => {
    const url = variables[`${name}_URL`] ?? '';
    const { hostname: host, port, username, password: secret, pathname } = new URL(url);
    const [user, password] = [decodeURIComponent(username), decodeURIComponent(secret)];
    const replicas = variables[`${name}_REPLICAS`]?.split(',') ?? [];
    return {
      engine,
      url,
      host,
      port: Number(port || 3306),
      user,
      password,
      prefix: pathname.slice(1),
      replicas,
      root: rootAt(variables[`${name}_ROOT_SOCKET`]),
      replicaRoot: rootAt(variables[`${name}_REPLICA_SOCKET`]),
      env: {
        DB_HOST: host,
        DB_PORT: port || '3306',
        DB_USER: user,
        DB_PASSWORD: password,
        ...(replicas.length === 0 ? {} : { DB_REPLICA_HOSTS: replicas.join(',') }),
      },
    };
  };
  return { script, variable: `${name}_URL`, read };
}

const rootAt = (socketPath?: string): RootLogin | undefined =>
  socketPath === undefined ? undefined : { user: 'root', socketPath };

function kafka(script: string, variable: string): Kind<KafkaServer> {
  const read = (variables: Variables) => {
    const brokers = variables[variable] ?? '';
    return { brokers: brokers.split(','), env: { KAFKA_BROKERS: brokers } };
  };
  return { script, variable, read };
}
