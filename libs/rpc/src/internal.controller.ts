import { Body, Controller, HttpCode, Post, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import type { Contract } from './contract.js';
import { checkInput } from './invoke.js';

type Methods = Record<string, (input: unknown) => Promise<unknown>>;

/** The controller through which other processes call a domain: one `POST /internal/<domain>/<operation>` for each operation. `service` is looked up at the first call. */
export function internalController(of: Contract, service: (modules: ModuleRef) => object): Type {
  class InternalController {
    constructor(readonly modules: ModuleRef) {}
  }
  const methods = InternalController.prototype as unknown as Methods;
  for (const [name, operation] of Object.entries(of.operations)) {
    methods[name] = async function (this: InternalController, raw: unknown) {
      const input = checkInput(operation, `${of.domain}.${name}`, raw);
      return operation.output.parse(await (service(this.modules) as Methods)[name]!(input));
    };
    const descriptor = Object.getOwnPropertyDescriptor(methods, name)!;
    Post(name)(methods, name, descriptor);
    HttpCode(200)(methods, name, descriptor);
    Access('service')(methods, name, descriptor);
    Body()(methods, name, 0);
  }
  Reflect.defineMetadata('design:paramtypes', [ModuleRef], InternalController);
  Controller(`internal/${of.domain}`)(InternalController);
  ApiExcludeController()(InternalController);
  return InternalController;
}
