import { type Artefact, artefact, type Renderer } from '../artefact.js';
import type { DatabaseServer, Deployment } from '../deployment.js';
import { serverConfig } from './my-cnf.js';
import { replicaScript, usersScript } from './scripts.js';
import { usersSql } from './users.js';

/** A folder for each database server, with what makes it a primary or a replica. */
export const renderSql: Renderer = (deployment) =>
  deployment.databases.flatMap((server) => [
    artefact(deployment, `mysql/${server.host}/my.cnf`, serverConfig(deployment, server)),
    artefact(deployment, `mysql/${server.host}/users.sql`, usersSql(deployment, server)),
    artefact(deployment, `mysql/${server.host}/10-users.sh`, usersScript(deployment, server), true),
    ...server.replicas.flatMap((replica) => replicaFiles(deployment, server, replica)),
  ]);

const replicaFiles = (deployment: Deployment, server: DatabaseServer, replica: string): Artefact[] => [
  artefact(deployment, `mysql/${replica}/my.cnf`, serverConfig(deployment, server, replica)),
  artefact(deployment, `mysql/${replica}/10-replica.sh`, replicaScript(deployment, server, replica), true),
];
