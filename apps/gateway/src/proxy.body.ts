import type { Readable } from 'node:stream';
import { type Cancel, Problem } from '@nakku/rpc';
import { UPLOAD_LIMIT } from '@nakku/runtime';

export const tooLarge = () => new Problem(413, 'BODY_TOO_LARGE', 'The body is larger than this route takes (256 MiB).');

/** Whether the client says itself that it sends more than an upload may have. */
export const isTooLarge = (contentLength: string | undefined): boolean => Number(contentLength) > UPLOAD_LIMIT;

/** Passes a body on as it comes. Reading begins when somebody is there to take it; a client that stops sending ends the request. */
export async function* passOn(body: Readable, cancel: Cancel): AsyncGenerator<Buffer, void, void> {
  let size = 0;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > UPLOAD_LIMIT) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    cancel.now('cancelled', error);
    throw error;
  }
}
