import { applyDecorators, SetMetadata, type Type } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { createZodDto } from 'nestjs-zod';
import type { z } from 'zod';

/** A zod schema as a DTO class: validates the body or query, is its type, and documents it. */
export const dto = <S extends z.ZodType>(schema: S) => createZodDto(schema);

/** Metadata of what a route answers: `{ status, schema }`. */
export const RETURNS = 'nakku:returns';

/** Documents what a route answers; tests hold every answer against it. */
export function Returns(status: number, type?: Type & { schema: z.ZodType }, description = ''): MethodDecorator {
  return applyDecorators(
    SetMetadata(RETURNS, { status, schema: type?.schema }),
    ApiResponse({ status, description, ...(type ? { type } : {}) }),
  );
}
