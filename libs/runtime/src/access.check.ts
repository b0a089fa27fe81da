import type { INestApplication } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { ACCESS } from '@nakku/auth';

/** Refuses the start when a route does not declare who may call it. */
export function requireDeclaredAccess(app: INestApplication): void {
  const controllers = new DiscoveryService(app.get(ModulesContainer)).getControllers();
  const scanner = new MetadataScanner();
  const open = controllers.flatMap(({ metatype }) => {
    if (!metatype || Reflect.hasMetadata(ACCESS, metatype)) return [];
    const prototype = metatype.prototype as Record<string, object>;
    return scanner
      .getAllMethodNames(prototype)
      .filter(
        (name) =>
          Reflect.hasMetadata(METHOD_METADATA, prototype[name]!) && !Reflect.hasMetadata(ACCESS, prototype[name]!),
      )
      .map((name) => `${metatype.name}.${name}`);
  });
  if (open.length > 0) throw new Error(`These routes do not declare their @Access: ${open.join(', ')}`);
}
