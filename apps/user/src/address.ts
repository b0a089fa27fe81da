import type { Address, AddressFields } from '@nakku/contracts';
import type { z } from 'zod';
import type { AddressRow } from './address.entity.js';

/** More than anybody needs, and few enough to look through. */
export const MAX_ADDRESSES = 50;

export interface Point {
  lat: number;
  lng: number;
}

/** What somebody writes on a letter, and where it is if they know. */
export type Letter = z.output<typeof AddressFields> & { lat?: number; lng?: number };

/** Where an address is on the map, and whether a store delivers there. */
export interface Place {
  lat: number | null;
  lng: number | null;
  serviceable: boolean;
}

export function addressView(row: AddressRow, defaultAddressId: string | null): z.output<typeof Address> {
  const { id, label, line1, line2, city, state, postalCode, country, lat, lng, serviceable } = row;
  return {
    id,
    label,
    line1,
    ...(line2 ? { line2 } : {}),
    city,
    state,
    postalCode,
    country,
    ...(lat !== null && lng !== null ? { lat, lng } : {}),
    isDefault: id === defaultAddressId,
    serviceable,
  };
}

/** The point that somebody gave themselves. */
export const givenPoint = ({ lat, lng }: Partial<Point>): Point | undefined =>
  lat !== undefined && lng !== undefined ? { lat, lng } : undefined;

const WHERE = ['line1', 'line2', 'city', 'state', 'postalCode', 'country', 'lat', 'lng'] as const;

/** Whether an edit may move the address, so that it has to be looked up again. */
export const moves = (change: Partial<Letter>): boolean => WHERE.some((field) => change[field] !== undefined);

/** The lines as they are after an edit; a point that came with the old lines is not kept. */
export function editedLines(row: AddressRow, change: Partial<Letter>): Letter {
  const { label, line1, line2, city, state, postalCode, country } = row;
  return { label, line1, ...(line2 ? { line2 } : {}), city, state, postalCode, country, ...change };
}
