import { Injectable } from '@nestjs/common';
import type { FieldError } from '@nakku/rpc';
import { type Gazetteer, isSameCity } from './gazetteer.js';
import { GazetteerService } from './gazetteer.service.js';
import type { AddressCheck } from './location.dto.js';
import { ServiceabilityService } from './serviceability.service.js';

/** Checks addresses before somebody relies on them. */
@Injectable()
export class AddressService {
  constructor(
    private readonly gazetteer: GazetteerService,
    private readonly serviceability: ServiceabilityService,
  ) {}

  /** The address is valid when nothing about it is in doubt; whether it can be served is another matter. */
  async check(address: AddressCheck) {
    const gazetteer = this.gazetteer.current();
    const issues = [...blanks(address), ...postalIssues(address, gazetteer)];
    const { lat, lng } = address.lat === undefined ? (gazetteer.locate(address) ?? {}) : address;
    if (lat === undefined || lng === undefined) return { valid: false, issues };
    const serviceability = await this.serviceability.at({ lat, lng });
    return { valid: issues.length === 0, issues, lat, lng, serviceability };
  }
}

const blanks = (address: AddressCheck): FieldError[] =>
  (['line1', 'city', 'state'] as const)
    .filter((path) => address[path] === '')
    .map((path) => ({ path, message: 'This is missing.' }));

function postalIssues({ postalCode, country, city }: AddressCheck, gazetteer: Gazetteer): FieldError[] {
  if (country === 'IN' && !/^[1-9]\d{2}\s?\d{3}$/.test(postalCode))
    return [{ path: 'postalCode', message: 'An Indian postal code has six digits and does not begin with 0.' }];
  const [place] = gazetteer.withPostalCode(postalCode, country);
  if (!place) return [{ path: 'postalCode', message: 'We do not know this postal code.' }];
  if (city === '' || isSameCity(city, place.city)) return [];
  return [{ path: 'city', message: `${postalCode} is in ${place.city}.` }];
}
