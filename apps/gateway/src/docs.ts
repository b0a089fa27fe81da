import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { cleanupOpenApiDoc } from 'nestjs-zod';

const DESCRIPTION = [
  'Quick commerce: groceries at the door in 10–30 minutes.',
  'Money is an integer in minor units (paise). Lists are `{ items, nextCursor }`. Errors are `application/problem+json` with a stable `code`.',
  'Send an `Idempotency-Key` with every POST that creates or moves money or stock: repeating it is then safe.',
].join('\n\n');

/** Serves `/openapi.json` and Swagger UI at `/docs`; the document is built when somebody first asks for it. */
export function mountDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Nakku API',
  });
}

/** The OpenAPI document of the routes in this process. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Nakku')
    .setVersion('1')
    .setDescription(DESCRIPTION)
    .addBearerAuth()
    .setOpenAPIVersion('3.1.0')
    .build();
  return cleanupOpenApiDoc(SwaggerModule.createDocument(app, config));
}
