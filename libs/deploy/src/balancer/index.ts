import { artefact, type Renderer } from '../artefact.js';
import { growing } from '../deployment.js';
import { haproxyConf } from './haproxy.js';
import { nginxConf, nginxUpstream } from './nginx.js';
import { nginxWatch } from './nginx.watch.js';

/** NGINX and HAProxy, each complete: `balancer.kind` says which one the compose file starts. In Kubernetes the ingress takes their place. */
export const renderBalancer: Renderer = (deployment) =>
  growing(deployment)
    ? []
    : [
        artefact(deployment, 'nginx/nginx.conf', nginxConf(deployment)),
        artefact(deployment, 'nginx/upstream/gateway.conf', nginxUpstream(deployment)),
        artefact(deployment, 'nginx/watch.sh', nginxWatch(deployment), true),
        artefact(deployment, 'haproxy/haproxy.cfg', haproxyConf(deployment)),
      ];
