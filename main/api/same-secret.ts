import { createHash, timingSafeEqual } from 'node:crypto';

/** Of equal length whatever was sent, so that comparing takes the same time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export const isSameSecret = (candidate: string, secret: string): boolean =>
  timingSafeEqual(digest(candidate), digest(secret));
