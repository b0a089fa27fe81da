import { createHmac } from 'node:crypto';
import { isSignedBy, sign } from './sandbox.signature.js';

const body = Buffer.from('{"id":"evt_1"}');
const at = 1_800_000_000;

describe('a signature', () => {
  it('is the HMAC of time, dot and body', () => {
    const expected = createHmac('sha256', 'secret').update(`${at}.{"id":"evt_1"}`).digest('hex');
    expect(sign('secret', body, at)).toBe(`t=${at},v1=${expected}`);
  });

  it('holds for five minutes either way', () => {
    const header = sign('secret', body, at);
    for (const [offset, valid] of [
      [0, true],
      [299, true],
      [-299, true],
      [301, false],
      [-301, false],
    ] as const)
      expect(isSignedBy('secret', header, body, (at + offset) * 1000)).toBe(valid);
  });

  it('holds for these bytes and this secret alone', () => {
    const header = sign('secret', body, at);
    expect(isSignedBy('secret', header, Buffer.from('{"id": "evt_1"}'), at * 1000)).toBe(false);
    expect(isSignedBy('other', header, body, at * 1000)).toBe(false);
  });

  it.each([undefined, '', 't=1', `t=,v1=${'0'.repeat(64)}`, `t=${at},v1=zz`, `t=1e9,v1=${'0'.repeat(64)}`])(
    'that reads %s is none',
    (header) => expect(isSignedBy('secret', header, body, at * 1000)).toBe(false),
  );
});
