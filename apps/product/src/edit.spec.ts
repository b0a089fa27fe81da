import { changed, created, staleVersion, versionRequired } from './edit.js';
import { aProduct } from './product.fixture.js';

const AT = '2026-02-01T00:00:00.000Z';
const inr = (amount: number) => ({ amount, currency: 'INR' });
const body = {
  sku: 'A',
  name: 'A',
  brand: 'A',
  categoryId: 'milk',
  description: '',
  unit: '1 kg',
  imageUrl: '',
  price: inr(100),
};

describe('a new product', () => {
  it('begins with version 1 and no offer', () => {
    expect(created(body, 'id', AT)).toMatchObject({
      id: 'id',
      version: 1,
      price: 100,
      compareAt: null,
      createdAt: AT,
      deletedAt: '',
    });
  });

  it('has one currency', () => {
    expect(created({ ...body, compareAt: inr(150) }, 'id', AT).compareAt).toBe(150);
    expect(() => created({ ...body, compareAt: { amount: 1, currency: 'USD' } }, 'id', AT)).toThrow(
      'CURRENCY_MISMATCH',
    );
  });
});

describe('a change', () => {
  const current = aProduct({ compareAt: 9000, version: 4 });

  it('keeps what was not sent, and counts', () => {
    const product = changed(current, { name: 'New', brand: undefined }, AT);
    expect(product).toEqual({ ...current, name: 'New', version: 5, updatedAt: AT });
  });

  it('sets a price', () => {
    expect(changed(current, { price: inr(1) }, AT)).toMatchObject({ price: 1, compareAt: 9000 });
  });

  it('ends an offer by null and keeps it otherwise', () => {
    expect(changed(current, { compareAt: null }, AT).compareAt).toBeNull();
    expect(changed(current, { compareAt: inr(7) }, AT).compareAt).toBe(7);
  });

  it('cannot leave price and offer in two currencies', () => {
    const dollars = { amount: 1, currency: 'USD' };
    expect(() => changed(current, { compareAt: dollars }, AT)).toThrow('CURRENCY_MISMATCH');
    expect(() => changed(current, { price: dollars }, AT)).toThrow('CURRENCY_MISMATCH');
    expect(changed(current, { price: dollars, compareAt: null }, AT)).toMatchObject({ price: 1, currency: 'USD' });
    expect(changed(current, { price: dollars, compareAt: dollars }, AT)).toMatchObject({ price: 1, compareAt: 1 });
  });
});

describe('the refusals', () => {
  it('say which version there is now, where that is known', () => {
    expect(staleVersion(7).toBody()).toMatchObject({ status: 412, code: 'VERSION_STALE', version: 7 });
    expect(staleVersion().toBody()).not.toHaveProperty('version');
    expect(versionRequired()).toMatchObject({ status: 400, code: 'VERSION_REQUIRED' });
  });
});
