import type { OpenAPIObject } from '@nestjs/swagger';
import { GATEWAY, type TokenService } from '@nakku/auth';
import type { DomainName } from '@nakku/contracts';
import { DOCUMENT_PATH } from '@nakku/rpc';
import type { Peers } from '@nakku/runtime';

/** A service builds its document when it is first asked for it, which takes a while. */
const TIMEOUT_MS = 10_000;
/** Documents change when a service is deployed anew. */
const KEPT_MS = 30_000;

/** The OpenAPI documents of the services that run elsewhere. One that does not answer keeps the document it had. */
export class ServiceDocuments {
  private readonly known = new Map<DomainName, { document: OpenAPIObject; until: number }>();

  constructor(
    private readonly peers: Peers,
    private readonly tokens: TokenService,
  ) {}

  /** Our own document with what every service says of itself; `x-nakku-missing` names those that have never been heard. */
  async mergeInto(own: OpenAPIObject): Promise<OpenAPIObject> {
    const domains = this.peers.elsewhere();
    await Promise.all(domains.map((domain) => this.refresh(domain)));
    const documents = domains.flatMap((domain) => this.known.get(domain)?.document ?? []);
    const missing = domains.filter((domain) => !this.known.has(domain));
    return { ...merge([own, ...documents]), ...(missing.length > 0 ? { 'x-nakku-missing': missing } : {}) };
  }

  private async refresh(domain: DomainName): Promise<void> {
    if ((this.known.get(domain)?.until ?? 0) > Date.now()) return;
    const document = await this.ask(domain).catch(() => undefined);
    if (document) this.known.set(domain, { document, until: Date.now() + KEPT_MS });
  }

  private async ask(domain: DomainName): Promise<OpenAPIObject | undefined> {
    const authorization = `Bearer ${await this.tokens.signService(GATEWAY)}`;
    const { statusCode, body } = await this.peers
      .upstreams(domain)
      .send(
        { method: 'GET', path: DOCUMENT_PATH, headers: { authorization } },
        { repeat: 'always', deadline: Date.now() + TIMEOUT_MS },
      );
    if (statusCode === 200) return (await body.json()) as OpenAPIObject;
    await body.dump();
    return undefined;
  }
}

/** Paths and schemas of all documents; the rest is the first one's. Names that several have mean the same in all. */
export function merge(documents: readonly [OpenAPIObject, ...OpenAPIObject[]]): OpenAPIObject {
  const [first] = documents;
  const schemas = documents.map(({ components }) => components?.schemas);
  return {
    ...first,
    paths: Object.assign({}, ...documents.map(({ paths }) => paths)) as OpenAPIObject['paths'],
    components: { ...first.components, schemas: Object.assign({}, ...schemas) as never },
  };
}
