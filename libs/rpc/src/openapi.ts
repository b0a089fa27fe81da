import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { bearerToken, TokenService } from '@nakku/auth';
import { cleanupOpenApiDoc } from 'nestjs-zod';
import { sendProblem, toProblem } from './problem.filter.js';

const DESCRIPTION = [
  'Quick commerce: groceries at the door in 10–30 minutes.',
  'Money is an integer in minor units (paise). Lists are `{ items, nextCursor }`. Errors are `application/problem+json` with a stable `code`.',
  'Send an `Idempotency-Key` with every POST that creates or moves money or stock: repeating it is then safe.',
].join('\n\n');

/** Where a service tells the gateway what its routes are. */
export const DOCUMENT_PATH = '/internal/openapi.json';

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

/** Serves this process's document to other services; it is built when somebody first asks for it. */
export function serveDocument(app: NestFastifyApplication): void {
  const tokens = app.get(TokenService);
  let text: string | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .get(DOCUMENT_PATH, async (request, reply) => {
      try {
        await tokens.verifyService(bearerToken(request.headers) ?? '');
        text ??= JSON.stringify(openApiDocument(app));
        void reply.type('application/json').send(text);
      } catch (error) {
        sendProblem(reply, toProblem(error));
      }
      return reply;
    });
}
