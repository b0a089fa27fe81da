import 'reflect-metadata';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { ACCESS } from '@nakku/auth';
import { type DomainEntry, DOMAIN_NAMES, type DomainName, DOMAINS } from '@nakku/contracts';
import { apps } from '../../apps/nakku/src/index.js';

interface Route {
  /** `GET products/:id`; at the root with a slash in front. */
  name: string;
  path: string;
  access: readonly string[];
}

const AT_ROOT = /^\.well-known\//;

function routesOf(module: Type): Route[] {
  const controllers = (Reflect.getMetadata('controllers', module) ?? []) as Type[];
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, object>;
    const base = String(Reflect.getMetadata(PATH_METADATA, controller));
    return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name]!;
      const verb = Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod | undefined;
      if (verb === undefined) return [];
      const own = String(Reflect.getMetadata(PATH_METADATA, method)).replace(/^\/+|\/+$/g, '');
      const joined = [base, own].filter(Boolean).join('/');
      const path = AT_ROOT.test(joined) ? `/${joined}` : joined;
      const access = (Reflect.getMetadata(ACCESS, method) ?? Reflect.getMetadata(ACCESS, controller)) as string[];
      return [{ name: `${RequestMethod[verb]} ${path}`, path, access }];
    });
  });
}

const entryOf = (domain: DomainName): DomainEntry => DOMAINS[domain];
const isBelow = (path: string, prefix: string) => path === prefix || path.startsWith(`${prefix}/`);

describe('the routes', () => {
  it.each(DOMAIN_NAMES)('of %s are below the paths by which a gateway finds it', (domain) => {
    const routes = routesOf(apps[domain].module);
    const { paths } = entryOf(domain);
    expect(routes.length).toBeGreaterThan(0);
    expect(routes.filter(({ path }) => !paths.some((prefix) => isBelow(path, prefix)))).toEqual([]);
    // And none of these paths is for nothing.
    expect(paths.filter((prefix) => !routes.some(({ path }) => isBelow(path, prefix)))).toEqual([]);
  });

  it.each(DOMAIN_NAMES)('of %s that take anybody are known to a gateway', (domain) => {
    const open = routesOf(apps[domain].module).filter(({ access }) => access.includes('public'));
    expect([...entryOf(domain).open].sort()).toEqual(open.map(({ name }) => name).sort());
  });

  it('of one domain are not below the paths of another, nor of the gateway', () => {
    const gateway = routesOf(apps.gateway.module).map(({ path }) => path);
    const owners = DOMAIN_NAMES.flatMap((domain) => entryOf(domain).paths.map((path) => ({ domain, path })));
    for (const { domain, path } of owners) {
      expect(owners.filter((other) => other.domain !== domain && isBelow(other.path, path))).toEqual([]);
      expect(gateway.filter((own) => isBelow(own, path))).toEqual([]);
    }
  });
});
