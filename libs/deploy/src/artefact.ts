import type { Deployment } from './deployment.js';

/** A file that is rendered from a topology. */
export interface Artefact {
  /** Below `deploy/`, with forward slashes, e.g. `rendered/clustered/nginx/nginx.conf`. */
  path: string;
  content: string;
  executable?: boolean;
}

/** Makes files of one kind from a deployment; the same deployment always gives the same bytes. */
export type Renderer = (deployment: Deployment) => Artefact[];

/** An artefact below the folder of its topology. */
export const artefact = ({ name }: Deployment, path: string, content: string, executable = false): Artefact => ({
  path: `rendered/${name}/${path}`,
  content,
  ...(executable && { executable }),
});

/** The first line of whatever is rendered; `mark` is how a comment begins there. */
export const headline = ({ name }: Deployment, mark = '#'): string =>
  `${mark} Rendered from deploy/topologies/${name}.yaml by \`npx nakku topology render\`. Change that, not this.`;
