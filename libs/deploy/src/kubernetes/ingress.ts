import { BODY_BYTES, UPLOAD_BYTES, uploadPaths } from '../balancer/edge.js';
import type { Deployment } from '../deployment.js';
import type { Manifest } from './manifest.js';
import { metadata, secretOf } from './names.js';
import { given, type Json, value } from './param.js';

const MEBIBYTE = 1_048_576;

const ENABLED = given(value('ingress.enabled', true));

/** For ingress-nginx; other controllers have names of their own for the same. */
const ANNOTATIONS: Record<string, Json> = {
  'nginx.ingress.kubernetes.io/ssl-redirect': 'true',
  // A stream of events must not wait in the proxy, and may be silent for a while.
  'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
  'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
  'nginx.ingress.kubernetes.io/proxy-send-timeout': '60',
  'nginx.ingress.kubernetes.io/proxy-connect-timeout': '5',
  // Another copy is asked where nothing of a request has been sent; orders are never sent twice.
  'nginx.ingress.kubernetes.io/proxy-next-upstream': 'error timeout http_502',
  'nginx.ingress.kubernetes.io/proxy-next-upstream-tries': '3',
};

/** More than the gateway takes is refused here already. */
const annotationsFor = (bytes: number): Record<string, Json> => ({
  ...ANNOTATIONS,
  'nginx.ingress.kubernetes.io/proxy-body-size': `${bytes / MEBIBYTE}m`,
});

/** The way in: one host name, by TLS, to the gateways; the routes that take long bodies have limits of their own. */
export function ingressManifests({ gateway, topology }: Deployment): Manifest[] {
  const host = value('ingress.host', topology.balancer.host);
  const backend = { service: { name: gateway.app, port: { name: 'http' } } };
  const ingress = (name: string, annotations: string, bytes: number, paths: readonly object[]): Manifest => ({
    when: ENABLED,
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        ...metadata(name, 'gateway'),
        annotations: value(
          annotations,
          annotationsFor(bytes),
          'For ingress-nginx; another controller has names of its own for the same.',
        ),
      },
      spec: {
        ingressClassName: value('ingress.class', 'nginx'),
        tls: [{ hosts: [host], secretName: secretOf('tls') }],
        rules: [{ host, http: { paths: paths.map((path) => ({ ...path, backend })) } }],
      },
    },
  });
  const uploads = uploadPaths().map((path) => ({ path, pathType: 'Exact' }));
  return [
    ingress(gateway.app, 'ingress.annotations', BODY_BYTES, [{ path: '/', pathType: 'Prefix' }]),
    ...(uploads.length > 0
      ? [ingress(`${gateway.app}-uploads`, 'ingress.uploadAnnotations', UPLOAD_BYTES, uploads)]
      : []),
  ];
}
