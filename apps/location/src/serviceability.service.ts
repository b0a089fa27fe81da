import { Injectable } from '@nestjs/common';
import type { LocationApi } from '@nakku/contracts';
import type { Output } from '@nakku/rpc';
import { AtlasService } from './atlas.service.js';
import { etaMinutes, type LatLng } from './distance.js';
import { LocationSettings } from './location.config.js';
import { StoreService } from './store.service.js';

export type Serviceability = Output<LocationApi, 'serviceability'>;

/** Whether somebody can be served where they are. */
@Injectable()
export class ServiceabilityService {
  constructor(
    private readonly atlas: AtlasService,
    private readonly stores: StoreService,
    private readonly settings: LocationSettings,
  ) {}

  async at(point: LatLng): Promise<Serviceability> {
    const zone = this.atlas.current().at(point);
    if (!zone) return { serviceable: false, reason: 'OUT_OF_ZONE' };
    const { storeId, id: zoneId } = zone;
    const store = await this.stores.open(storeId);
    if (!store) return { serviceable: false, storeId, zoneId, reason: 'STORE_CLOSED' };
    return { serviceable: true, storeId, zoneId, etaMinutes: etaMinutes(store, point, this.settings) };
  }
}
