import { dto } from '@nakku/rpc';
import { z } from 'zod';
import { Name, Phone } from './account.dto.js';

/** `phone: null` removes it. */
export class ChangeProfile extends dto(
  z.strictObject({ firstName: Name.optional(), lastName: Name.optional(), phone: Phone.nullable().optional() }),
) {}
