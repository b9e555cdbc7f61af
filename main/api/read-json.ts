import type { IncomingMessage } from 'node:http';
import type { Refusal } from './request-guard.ts';

/** More than any call of the contract needs: files are named, not sent. */
const mostBytes = 1024 * 1024;

const tooLarge: Refusal = { status: 413, message: `the body is larger than ${mostBytes} bytes` };

/** A request's JSON body, or why there is none. Reads no further than the limit, whatever Content-Length says. */
export const readJson = async (
  request: IncomingMessage,
): Promise<{ value: unknown } | { refusal: Refusal }> => {
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
