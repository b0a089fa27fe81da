import { Gazetteer, isSameCity } from './gazetteer.js';
import type { Place } from './place.entity.js';

const place = (
  position: number,
  name: string,
  postalCode: string,
  lat: number,
  lng: number,
  city = 'Bengaluru',
): Place => ({
  ...{ position, name, postalCode, city, state: 'Karnataka', country: 'IN', lat, lng },
});
const gazetteer = new Gazetteer([
  place(0, 'Koramangala', '560034', 12.9352, 77.6245),
  place(1, 'Koramangala 4th Block', '560034', 12.9336, 77.6302),
  place(2, 'Koramangala 5th Block', '560095', 12.9347, 77.6187),
  place(3, "St. John's Hospital", '560034', 12.9293, 77.6193),
  place(4, 'Indiranagar', '560038', 12.9719, 77.6412),
  place(5, 'Fort', '400001', 18.9345, 72.8371, 'Mumbai'),
]);
const names = (text: string) => gazetteer.search(text, 10).map((hit) => hit.place.name);
const address = { line1: '17th Main Road', city: 'Bengaluru', postalCode: '560034', country: 'IN' };
const located = (given: object) => gazetteer.locate({ ...address, ...given })?.name;

describe('a search', () => {
  it('finds places by name, the best first', () => {
    expect(names('Koramangala 5th Block')[0]).toBe('Koramangala 5th Block');
    expect(names('indiranagar')).toEqual(['Indiranagar']);
  });

  it('forgives typing errors and unfinished words', () => {
    expect(names('Kormangala')[0]).toBe('Koramangala');
    expect(names('indra nagar')).toEqual([]);
    expect(names('Indiranagr')).toEqual(['Indiranagar']);
    expect(names('kora')).toContain('Koramangala');
  });

  it('takes a postal code at its word', () => {
    expect(names('560034').sort()).toEqual(['Koramangala', 'Koramangala 4th Block', "St. John's Hospital"]);
    expect(names('560035')).toEqual([]);
  });

  it('finds nothing for nonsense, and no more than is asked for', () => {
    expect(names('qqqqqq')).toEqual([]);
    expect(names('!?')).toEqual([]);
    expect(gazetteer.search('bengaluru', 2)).toHaveLength(2);
  });
});

describe('an address', () => {
  it('is at the place that it names among those of its postal code', () => {
    expect(located({ line1: 'No. 7, 4th Block, Koramangala' })).toBe('Koramangala 4th Block');
    expect(located({ line1: "Opposite St. John's hospital" })).toBe("St. John's Hospital");
    expect(located({ line1: 'No. 7', line2: 'Koramangla 4th Blok' })).toBe('Koramangala 4th Block');
  });

  it('is at the first place of its postal code when it names none of them', () => {
    expect(located({})).toBe('Koramangala');
    expect(located({ line1: 'Indiranagar' })).toBe('Koramangala');
    expect(located({ postalCode: '560 034' })).toBe('Koramangala');
  });

  it('with an unknown postal code is at the place that it names in its city', () => {
    expect(located({ line1: '12, Indiranagar', postalCode: '560999' })).toBe('Indiranagar');
    expect(located({ line1: '12, Indiranagar', postalCode: '560999', city: 'bangalore ' })).toBe('Indiranagar');
  });

  it('is not found when only a part of a name, or another city’s or country’s place fits', () => {
    expect(located({ line1: '4th Block', postalCode: '560999' })).toBeUndefined();
    expect(located({ line1: 'Fort', postalCode: '560999' })).toBeUndefined();
    expect(located({ country: 'US' })).toBeUndefined();
    expect(located({ line1: 'Indiranagar', postalCode: '560999', country: 'US' })).toBeUndefined();
  });

  it('may write its city the old way', () => {
    expect(isSameCity('Bangalore', 'BENGALURU')).toBe(true);
    expect(isSameCity('Mumbai', 'Bengaluru')).toBe(false);
  });
});

describe('the nearest place', () => {
  it('is the nearest one within reach', () => {
    expect(gazetteer.nearest({ lat: 12.9337, lng: 77.63 }, 5000)?.place.name).toBe('Koramangala 4th Block');
    expect(gazetteer.nearest({ lat: 12.9336, lng: 77.6302 }, 0)?.meters).toBe(0);
    expect(gazetteer.nearest({ lat: 13.2, lng: 77.6 }, 5000)).toBeUndefined();
  });
});
