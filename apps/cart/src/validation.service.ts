import { Injectable } from '@nestjs/common';
import { LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import type { Notice } from './cart.js';
import type { CartValidation } from './cart.dto.js';
import { CartRepository } from './cart.repository.js';
import { PricingService } from './pricing.service.js';

type Issue = Notice & { reason?: string };

/** Tells a customer beforehand what would stand in the way of an order. */
@Injectable()
export class ValidationService {
  constructor(
    private readonly carts: CartRepository,
    private readonly pricing: PricingService,
    private readonly users: UserApi,
    private readonly location: LocationApi,
  ) {}

  /** With an address, against the store that would deliver there; 404 `ADDRESS_NOT_FOUND` for somebody else's. */
  async validate(customerId: string, addressId?: string): Promise<CartValidation> {
    const { storeId, issues } = addressId ? await this.delivery(customerId, addressId) : { issues: [] };
    const stored = (await this.carts.find({ customerId })) ?? { id: newId(), customerId, generation: 0, lines: [] };
    const cart = await this.pricing.view(stored, await this.pricing.lookFor(stored, storeId));
    const empty = stored.lines.length === 0 ? [CART_EMPTY] : [];
    const all = [...empty, ...cart.notices, ...issues];
    return { valid: all.length === 0, issues: all, cart };
  }

  private async delivery(userId: string, addressId: string): Promise<{ storeId?: string; issues: Issue[] }> {
    const { lat, lng } = await this.users.getAddress({ userId, addressId });
    if (lat === undefined || lng === undefined) return { issues: [notServiceable('ADDRESS_UNKNOWN')] };
    const { serviceable, storeId, reason } = await this.location.serviceability({ lat, lng });
    return { storeId, issues: serviceable ? [] : [notServiceable(reason)] };
  }
}

const CART_EMPTY: Issue = { code: 'CART_EMPTY', message: 'The cart is empty.' };

const notServiceable = (reason: string | undefined): Issue => ({
  code: 'NOT_SERVICEABLE',
  message: reason === 'STORE_CLOSED' ? 'The store is closed right now.' : 'We do not deliver to this address.',
  ...(reason ? { reason } : {}),
});
