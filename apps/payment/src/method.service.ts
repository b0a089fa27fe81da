import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { badRequest, decodeCursor, Idempotency, notFound, type Page, paged, unprocessable } from '@nakku/rpc';
import { z } from 'zod';
import { freeSlot, looksLikeCardNumber, MAX_METHODS } from './method.js';
import { type MethodQuery, type MethodView, methodView, type NewMethod } from './method.dto.js';
import type { MethodRow } from './method.entity.js';
import { MethodRepository } from './method.repository.js';

/** What customers keep to pay with. */
@Injectable()
export class MethodService {
  constructor(
    private readonly database: Database,
    private readonly methods: MethodRepository,
    private readonly idempotency: Idempotency,
  ) {}

  async list({ id: customerId }: Actor, { limit, cursor }: MethodQuery): Promise<Page<MethodView>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, z.uuid());
    const rows = await this.methods.list(customerId, limit + 1, before);
    const { items, nextCursor } = paged(rows, limit, ({ id }) => id);
    return { items: items.map(methodView), nextCursor };
  }

  /** Keeps a token; one that is kept already only gets the new label. 400 `CARD_NUMBER_REFUSED` for what may be a card number. */
  async add({ id: customerId }: Actor, { token, label }: NewMethod): Promise<MethodView> {
    if ([token, label ?? ''].some(looksLikeCardNumber)) throw cardNumberRefused();
    return this.database.transaction(async () => {
      const view = methodView(await this.keep(customerId, token, label));
      await this.idempotency.complete(201, view);
      return view;
    });
  }

  async remove({ id: customerId }: Actor, id: string): Promise<void> {
    if (!(await this.methods.delete(customerId, id))) throw notFound('payment method');
  }

  private async keep(customerId: string, token: string, label: string | undefined): Promise<MethodRow> {
    const kept = await this.methods.of(customerId);
    const known = kept.find((method) => method.token === token);
    if (known) return this.relabel(known, label);
    const slot = freeSlot(kept.map((method) => method.slot));
    if (slot === undefined) throw tooMany();
    const added = await this.methods.insert({ customerId, slot, token, label: label ?? null });
    return added ?? this.keep(customerId, token, label); // somebody else was faster: look again
  }

  private async relabel(known: MethodRow, label: string | undefined): Promise<MethodRow> {
    if (label === undefined || label === known.label) return known;
    await this.methods.rename(known.id, label);
    return { ...known, label };
  }
}

const cardNumberRefused = () =>
  badRequest(
    'CARD_NUMBER_REFUSED',
    'Card numbers are not accepted here: send the token that the payment provider gave.',
  );
const tooMany = () =>
  unprocessable('TOO_MANY_METHODS', `At most ${MAX_METHODS} payment methods are kept: delete one first.`);
