import { parse } from 'yaml';
import type { Deployment } from '../deployment.js';
import { renderCompose } from './index.js';

/** A service of a rendered file, with its shared blocks merged in. */
export interface Rendered {
  image: string;
  hostname?: string;
  user?: string;
  restart: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  tmpfs?: string[];
  networks: string[];
  ports?: string[];
  command?: string[];
  healthcheck: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period: string;
  deploy: { replicas?: number; resources: { limits: Record<string, unknown>; reservations: Record<string, unknown> } };
}

export interface RenderedFile {
  name: string;
  services: Record<string, Rendered>;
  networks: Record<string, { internal?: boolean; external?: boolean; name?: string }>;
  volumes?: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

/** The text of one rendered compose file. */
export function textOf(deployment: Deployment, file = 'docker-compose.yml'): string {
  const found = renderCompose(deployment).find(({ path }) => path === `rendered/${deployment.name}/${file}`);
  if (!found) throw new Error(`${file} is not rendered`);
  return found.content;
}

/** One rendered compose file as docker reads it. */
export const fileOf = (deployment: Deployment, file?: string): RenderedFile =>
  parse(textOf(deployment, file), { merge: true }) as RenderedFile;

/** Who ends by itself. */
export const isJob = (name: string): boolean => ['migrate', 'redis-cluster-init'].includes(name);
