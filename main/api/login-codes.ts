import { createHmac, randomBytes } from 'node:crypto';
import { isSameSecret } from './same-secret.ts';

/** How long an address that signs a browser in is good for. */
export const codeMinutes = 10;

/** Wrong codes, a minute, after which further ones are turned away as guesses. A good code is let in whatever others have tried. */
const mostWrong = 10;
/** Characters; no code is as long. What is longer is not hashed. */
const longestCode = 200;
const minute = 60_000;

export const newLoginKey = (): string => randomBytes(32).toString('base64url');

const proofOf = (key: string, claim: string): string =>
  createHmac('sha256', key).update(`login ${claim}`).digest('base64url');

/** A code that the server with this key takes, once. */
export const makeLoginCode = (key: string, now = Date.now()): string => {
  const claim = `${now.toString(36)}.${randomBytes(12).toString('base64url')}`;
  return `${claim}.${proofOf(key, claim)}`;
};

export type CodeJudgement = 'good' | 'wrong' | 'used' | 'expired' | 'too-many';

export interface LoginCodes {
  /** Uses a code up. */
  use(code: string): CodeJudgement;
}

/**
 * What a server knows of the codes for it. Its key is drawn anew at each start, so that no code outlives it.
 * @param now of the clock that codes are dated by
 */
export const createLoginCodes = (key: string, now: () => number = Date.now): LoginCodes => {
  /** Only what the key's owner has made comes in here, so nobody else can fill it. */
  const used = new Set<string>();
  let wrong = { since: 0, count: 0 };

  const judgeWrong = (): CodeJudgement => {
    if (Math.abs(now() - wrong.since) > minute) wrong = { since: now(), count: 0 };
    if (wrong.count >= mostWrong) return 'too-many';
    wrong.count += 1;
    return 'wrong';
  };

  return {
    use(code) {
      if (code.length > longestCode) return judgeWrong();
      const [issued = '', random = '', proof = ''] = code.split('.', 3);
      const claim = `${issued}.${random}`;
      if (!isSameSecret(proof, proofOf(key, claim))) return judgeWrong();
      if (used.has(claim)) return 'used';
      used.add(claim);
      // Either way: a clock that was set back makes no code good again.
      const isFresh = Math.abs(now() - Number.parseInt(issued, 36)) <= codeMinutes * minute;
      return isFresh ? 'good' : 'expired';
    },
  };
};
