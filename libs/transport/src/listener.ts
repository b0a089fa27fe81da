import { applyDecorators, Catch, Controller, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { EventDefinition } from './event.js';

/** What `@On` tells the transport about a handler. */
export interface HandlerExtras {
  definition: EventDefinition;
  /** The class of the handler: tells which domain listens. */
  listener: object;
}

const LISTENER = 'nakku:listener';
const HEARD = 'nakku:heard';

/** Nest would swallow the error of an event handler; the transport has to see it, to try again. */
@Catch()
class Rethrow implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Marks the class that handles other domains' events for `domain`. */
export const Listener =
  (domain: string): ClassDecorator =>
  (target) => {
    Reflect.defineMetadata(LISTENER, domain, target);
    applyDecorators(Controller(), UseFilters(Rethrow))(target);
  };

/** Handles an event, in a transaction of the listening domain together with its inbox row: at least one delivery, exactly one effect. */
export const On =
  (definition: EventDefinition): MethodDecorator =>
  (target, key, descriptor) => {
    const extras: HandlerExtras = { definition, listener: target.constructor };
    EventPattern(definition.type, undefined, { ...extras })(target, key, descriptor);
    Reflect.defineMetadata(HEARD, [...heardBy(target.constructor), definition.type], target.constructor);
  };

/** The types of the events that a class handles; none where it handles none. */
export const heardBy = (listener: object): readonly string[] =>
  (Reflect.getMetadata(HEARD, listener) as string[] | undefined) ?? [];

/** The domain that a listener class belongs to. */
export function listeningDomain(listener: object): string {
  const domain = Reflect.getMetadata(LISTENER, listener) as string | undefined;
  if (!domain) throw new Error('a class with @On() handlers needs @Listener(domain)');
  return domain;
}
