import { artefact, type Renderer } from '../artefact.js';
import { growing } from '../deployment.js';
import { hostsOf } from './hosts.js';
import { nftables } from './nftables.js';

/** nftables rules for the servers of each role. In Kubernetes network policies take their place. */
export const renderFirewall: Renderer = (deployment) =>
  growing(deployment)
    ? []
    : hostsOf(deployment).map((host) =>
        artefact(deployment, `firewall/${host.role}.nft`, nftables(deployment, host), true),
      );
