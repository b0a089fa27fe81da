import { Address, AddressFields, Lat, Lng } from '@nakku/contracts';
import { dto, page } from '@nakku/rpc';
import { z } from 'zod';

const Place = z.strictObject({
  ...AddressFields.shape,
  lat: Lat.optional(),
  lng: Lng.optional(),
  isDefault: z.boolean().optional(),
});

const bothOrNone = ({ lat, lng }: { lat?: number; lng?: number }) => (lat === undefined) === (lng === undefined);
const otherwise = { path: ['lat'], message: 'lat and lng come together or not at all' };

export class NewAddressBody extends dto(Place.refine(bothOrNone, otherwise)) {}
export class ChangeAddressBody extends dto(Place.partial().refine(bothOrNone, otherwise)) {}
export class AddressDto extends dto(Address) {}
export class AddressPage extends dto(page(Address)) {}
