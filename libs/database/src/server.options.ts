/** Where one server answers. */
export interface Address {
  host: string;
  port: number;
}

/** Who logs in. */
export interface Login {
  user: string;
  password: string;
}

/** A domain's database on a MySQL or MariaDB server. */
export interface ServerOptions extends Address, Login {
  /** Its exact name, for instance nakku_order. */
  database: string;
  /** Copies that may answer reads. */
  replicas?: Address[];
  /** Connections to the primary, and to each replica. 10 without it. */
  poolSize?: number;
  /** `never`: the start is refused while migrations are missing. */
  migrate?: 'start' | 'never';
  /** Who migrates; `user` without it. */
  migrator?: Login;
  /** Certificates (PEM) that the server's must be signed by; with it the connection is encrypted. */
  ca?: string;
  /** Whether the certificate must also be for `host`. True without it. */
  verifyHost?: boolean;
  /** After how many milliseconds behind the primary a replica is asked no more. 2000 without it. */
  replicaMaxLagMs?: number;
  /** How many milliseconds a caller waits for a connection. 5000 without it. */
  waitMs?: number;
  /** How many milliseconds a start waits for a server that is not there yet. 20,000 without it. */
  startMs?: number;
}
