import { type AnyApiToken, localClient, Problem } from '@nakku/rpc';

/** A stand-in for another domain, bound to its token. */
export interface Fake {
  token: AnyApiToken;
  client: object;
}

/** Stands in for another domain: inputs and outputs are checked against the contract, a method that is not given answers 500. */
export function fake<T extends object>(token: (abstract new () => T) & AnyApiToken, methods: Partial<T>): Fake {
  const service = new Proxy(methods, {
    get: (target, name: string) =>
      Reflect.get(target, name) ??
      (() =>
        Promise.reject(new Problem(500, 'FAKE_MISSING', `the test does not fake ${token.contract.domain}.${name}`))),
  });
  return { token, client: localClient(token.contract, () => service as never, 5000) };
}
