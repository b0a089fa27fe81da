import type { Http } from '@nakku/testing';

/** A running Nakku, of one process or of many: what a client sees of it. */
export interface Deployment {
  /** Where the gateway answers, e.g. `http://127.0.0.1:8080`. */
  url: string;
  http: Http;
  stop(): Promise<void>;
}
