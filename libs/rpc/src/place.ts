/** Where one copy of a service answers. `servername` is whom its certificate is for, where the origin has an address in place of a name. */
export interface Place {
  origin: string;
  servername?: string;
}

/** Tells where a service is: once when that is known (possibly nowhere), then at each change, until the returned function is called. */
export type Watch = (tell: (places: readonly Place[]) => void) => () => void;

/** Always the same places; `origins` is asked when somebody first wants to know. */
export const fixed =
  (origins: () => readonly string[]): Watch =>
  (tell) => {
    tell(origins().map((origin) => ({ origin })));
    return () => undefined;
  };
