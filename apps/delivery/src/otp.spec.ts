import { newOtp, sameOtp } from './otp.js';

it('is six digits, leading zeros included, and seldom the same', () => {
  const codes = Array.from({ length: 500 }, newOtp);
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
  expect(new Set(codes).size).toBeGreaterThan(490);
  expect(codes.some((code) => code.startsWith('0'))).toBe(true);
});

it('is only the same when all of it is', () => {
  expect(sameOtp('012345', '012345')).toBe(true);
  for (const wrong of ['12345', '0123456', '012344', '', '012345 ']) expect(sameOtp(wrong, '012345')).toBe(false);
});
