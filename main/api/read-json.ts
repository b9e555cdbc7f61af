import type { IncomingMessage } from 'node:http';
import { mostSentBytes } from '../trainer/protocol/classify-schema.ts';
import type { Refusal } from './request-guard.ts';

/** More than any call of the contract needs but for those with a picture, which a browser can only send: other files are named. */
export const mostCallBytes = Math.ceil((4 * mostSentBytes) / 3) + 1024 * 1024;
/** Of somebody who has not signed in yet. */
export const mostLoginBytes = 64 * 1024;

/** A request's JSON body, or why there is none. Reads no further than the limit, whatever Content-Length says. */
export const readJson = async (
  request: IncomingMessage,
  mostBytes: number,
): Promise<{ value: unknown } | { refusal: Refusal }> => {
  const tooLarge: Refusal = { status: 413, message: `the body is larger than ${mostBytes} bytes` };
  // Forms can't send this type: a page of another site would have to ask first (CORS), and is refused.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { refusal: { status: 415, message: 'the body must be application/json' } };
  }
  if (Number(request.headers['content-length']) > mostBytes) return { refusal: tooLarge };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return { refusal: tooLarge };
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { refusal: { status: 400, message: 'the body is not JSON' } };
  }
};
