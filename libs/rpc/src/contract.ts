import type { z } from 'zod';

/** One thing that a domain does for other domains. */
export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  input: I;
  output: O;
  /** The codes of the problems it may answer with, besides those that any call may. */
  errors?: readonly string[];
  /** Doing it twice is doing it once: the client may retry it. */
  idempotent?: boolean;
}

/** What a domain offers: named operations, declared once. */
export interface Contract<Ops extends Record<string, Operation> = Record<string, Operation>> {
  domain: string;
  operations: Ops;
}

/** The interface that a contract's service implements and its callers inject. The acting person, trace and deadline travel by themselves. */
export type Api<C extends Contract> = {
  [K in keyof C['operations']]: (
    input: z.output<C['operations'][K]['input']>,
  ) => Promise<z.output<C['operations'][K]['output']>>;
};

/** What an operation takes: `Input<InventoryApi, 'reserve'>`. */
export type Input<A, K extends keyof A> = A[K] extends (input: infer I, ...rest: never[]) => unknown ? I : never;
/** What an operation answers. */
export type Output<A, K extends keyof A> = A[K] extends (...args: never[]) => Promise<infer O> ? O : never;

/** An injection token that is also the type of what is injected. */
export type ApiToken<C extends Contract = Contract> = (abstract new () => Api<C>) & { readonly contract: C };

/** A token of whichever contract. */
export type AnyApiToken = (abstract new () => object) & { readonly contract: Contract };

/** Declares what `domain` offers: `contract('inventory', { reserve: { input, output, idempotent: true } })`. */
export const contract = <const Ops extends Record<string, Operation>>(
  domain: string,
  operations: Ops,
): Contract<Ops> => ({
  domain,
  operations,
});

/** Makes the type and token of a contract: `class InventoryApi extends api(inventory) {}`. */
export function api<C extends Contract>(of: C): ApiToken<C> {
  abstract class ContractApi {
    static readonly contract = of;
  }
  // The members exist only in the type: the runtime binds the token to a client that has them.
  return ContractApi as unknown as ApiToken<C>;
}
