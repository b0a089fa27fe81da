import type { Artefact, Renderer } from './artefact.js';
import { renderBalancer } from './balancer/index.js';
import { renderCompose } from './compose/index.js';
import type { Deployment } from './deployment.js';
import { renderDiscovery } from './discovery/index.js';
import { renderFirewall } from './firewall/index.js';
import { renderKubernetes } from './kubernetes/index.js';
import { renderLogging } from './logging/index.js';
import { renderMonitoring } from './monitoring/index.js';
import { renderSql } from './sql/index.js';

const RENDERERS: readonly Renderer[] = [
  renderCompose,
  renderBalancer,
  renderDiscovery,
  renderSql,
  renderMonitoring,
  renderLogging,
  renderFirewall,
  renderKubernetes,
];

/** Every file that follows from a topology, by path. */
export const render = (deployment: Deployment): Artefact[] =>
  RENDERERS.flatMap((renderer) => renderer(deployment)).sort((a, b) => (a.path < b.path ? -1 : 1));
