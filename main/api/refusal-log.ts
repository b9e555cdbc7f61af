import type { Refusal } from './request-guard.ts';

const minute = 60_000;

/** Tells of refused requests, of each kind once a minute: a page that goes on asking leaves room for the rest of the log. */
export const tellRefusals = (
  write: (text: string) => void,
  now: () => number = () => performance.now(),
): ((refusal: Refusal) => void) => {
  const toldAt = new Map<string, number>();
  return ({ status, message }) => {
    const text = `a request was refused with ${status}: ${message}`;
    const before = toldAt.get(text);
    if (before !== undefined && now() - before < minute) return;
    toldAt.set(text, now());
    write(text);
  };
};
