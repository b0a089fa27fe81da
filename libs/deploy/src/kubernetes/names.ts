import type { DatabaseServer, Process } from '../deployment.js';
import { IMAGES } from '../images.js';
import type { Node } from './manifest.js';
import { ofHelm, type Param, value } from './param.js';

export const NAMESPACE = 'nakku';

/** What a thing is, for whoever looks at it: `kubectl get pods -l app.kubernetes.io/component=service`. */
export type Component = 'gateway' | 'service' | 'database' | 'broker' | 'cache' | 'job' | 'network';

const NAME = 'app.kubernetes.io/name';
const PART_OF = 'app.kubernetes.io/part-of';

/** What selects the pods of one app, for ever: selectors cannot be changed. */
export const podsOf = (app: string): Record<string, Node> => ({ [NAME]: app, [PART_OF]: 'nakku' });

export const labelsOf = (app: string, component: Component): Record<string, Node> => ({
  ...podsOf(app),
  'app.kubernetes.io/component': component,
});

/** The metadata of an object that belongs to an app. */
export const metadata = (
  app: string,
  component: Component,
  name: string | Param = app,
  more: { [key: string]: Node } = {},
) => ({
  name,
  namespace: ofHelm('.Release.Namespace', NAMESPACE),
  labels: labelsOf(app, component),
  ...more,
});

/** A name as values are named: `orderService`. */
export const camel = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The pods of a server and its replicas: `mysql-primary` is `mysql-0`, its replicas are `mysql-1`, `mysql-2`. */
export const setOf = ({ host }: Pick<DatabaseServer, 'host'>): string => host.replace(/-primary$/, '');

/** The Secret of whatever has one: its keys are the names of files below `deploy/secrets`. */
export const secretOf = (app: string): Param => value(`secrets.${camel(app)}`, app);

/** An image of something that Nakku stands on, for mirrors and other versions. */
export const imageOf = (name: keyof typeof IMAGES): Param => value(`images.${name}`, IMAGES[name]);

/** Where a process's other copies are found: a name that has the address of each. */
export const copiesOf = (app: string): string => `${app}-copies`;

export const MIGRATE = 'migrate';
export const REDIS_CLUSTER = 'redis-cluster';

export const componentOf = ({ domains }: Process): Component => (domains.length > 0 ? 'service' : 'gateway');
