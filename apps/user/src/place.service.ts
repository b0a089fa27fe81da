import { LocationApi } from '@nakku/contracts';
import { Injectable } from '@nestjs/common';
import { givenPoint, type Letter, type Place, type Point } from './address.js';

/** Finds addresses on the map. */
@Injectable()
export class PlaceService {
  constructor(private readonly location: LocationApi) {}

  /** Where an address is, and whether a store delivers there; 503 when that cannot be found out now. */
  async find(letter: Letter): Promise<Place> {
    const point = givenPoint(letter) ?? (await this.geocode(letter));
    if (!point) return { lat: null, lng: null, serviceable: false };
    const { serviceable } = await this.location.serviceability({ lat: point.lat, lng: point.lng });
    return { ...point, serviceable };
  }

  private async geocode({ line1, line2, city, state, postalCode, country }: Letter): Promise<Point | undefined> {
    const found = await this.location.geocode({ line1, ...(line2 ? { line2 } : {}), city, state, postalCode, country });
    return found.found ? givenPoint(found) : undefined;
  }
}
