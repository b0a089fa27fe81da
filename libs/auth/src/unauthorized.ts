import { UnauthorizedException } from '@nestjs/common';

/** 401 with a stable code. */
export const unauthorized = (code: string, detail: string): UnauthorizedException =>
  new UnauthorizedException({ code, detail });
