import { dto } from '@nakku/rpc';
import { z } from 'zod';
import { UserViewSchema } from './user.dto.js';

/** Trimmed and in lower case: what people type in two ways is one account. */
export const Email = z.string().trim().toLowerCase().max(191).check(z.email());
export const Password = z.string().min(8).max(128);
/** A password that is only compared: whether it would be good enough is nobody's business there. */
const Typed = z.string().min(1).max(128);
const Token = z.string().min(1).max(512);
export const Name = z.string().trim().min(1).max(80);
/** E.164, with or without the plus. */
export const Phone = z
  .string()
  .trim()
  .regex(/^\+?[1-9]\d{6,14}$/, 'must be a phone number such as +919876543210');

export class Register extends dto(
  z.strictObject({ email: Email, password: Password, firstName: Name, lastName: Name, phone: Phone.optional() }),
) {}
export class Login extends dto(z.strictObject({ email: Email, password: Typed })) {}
export class RefreshToken extends dto(z.strictObject({ refreshToken: Token })) {}
export class ForgotPassword extends dto(z.strictObject({ email: Email })) {}
export class ResetPassword extends dto(z.strictObject({ token: Token, newPassword: Password })) {}
export class ChangePassword extends dto(z.strictObject({ currentPassword: Typed, newPassword: Password })) {}

export class SignedInView extends dto(
  z.object({
    user: UserViewSchema,
    accessToken: z.string(),
    refreshToken: z.string(),
    /** Seconds until the access token lapses. */
    expiresIn: z.int(),
  }),
) {}
