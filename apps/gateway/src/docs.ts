import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from '@nakku/rpc';
import type { ServiceDocuments } from './docs.merge.js';

/** Serves `/openapi.json` and Swagger UI at `/docs`; the document is built when somebody first asks for it. */
export function mountDocs(app: INestApplication, others?: ServiceDocuments): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Nakku API',
    ...(others ? { patchDocumentOnRequest: (_request, _reply, own: OpenAPIObject) => others.mergeInto(own) } : {}),
  });
}
