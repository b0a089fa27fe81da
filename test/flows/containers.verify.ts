import { httpClientOf } from '@nakku/testing';
import { flows } from './flows.js';

/** Run by deploy/verify/flows.sh, which brings the containers up and says where their balancer answers. */
const url = process.env.NAKKU_URL;

flows('containers behind their balancer', async () => {
  if (!url) throw new Error('NAKKU_URL must say where the balancer answers: run deploy/verify/flows.sh');
  return { url, http: httpClientOf(url), stop: async () => undefined };
});
