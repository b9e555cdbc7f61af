import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { heldBackFrom } from './held-back.ts';

/** The text of an answer as it grows. */
export interface TextStream {
  /** What text is finished with this token. */
  readonly add: (id: number) => string;
  /** Whether a stop string is there. */
  readonly stopped: () => boolean;
  /** What was held back in case more would come; the stream is done then. */
  readonly flush: () => string;
  readonly text: () => string;
}

/** How many tokens are decoded again with each new one, beyond the unfinished: what a token is may depend on those before it. */
const context = 4;

/** What stands for bytes that are no character, or none yet. */
const replacement = '\ufffd';

/**
 * A token may be a part of a character, and a stop string a part of several tokens: both are held back until it is known what they are.
 * Tokens are decoded with some before them, since a decoder may treat the first one otherwise.
 */
export const createTextStream = (
  tokenizer: Pick<Tokenizer, 'decode'>,
  stop: readonly string[],
): TextStream => {
  const ids: number[] = [];
  /** Tokens before it are text for good. */
  let settled = 0;
  let [finished, given, stoppedAt] = ['', 0, -1];

  const decode = (from: number, to: number): string =>
    tokenizer.decode(ids.slice(from, to), { skipSpecial: true });

  /** Takes in tokens whose characters are complete, or all of them. */
  const settle = (all: boolean): void => {
    const from = Math.max(0, settled - context);
    const before = decode(from, settled);
    const now = decode(from, ids.length);
    if (!all && now.endsWith(replacement) && ids.length - settled < context) return;
    finished += now.slice(before.length);
    settled = ids.length;
  };

  /** Text that was not given yet, up to where it may still change. */
  const give = (all: boolean): string => {
    if (stoppedAt >= 0) return '';
    const longest = stop.reduce((length, one) => Math.max(length, one.length), 0);
    const searched = Math.max(0, given - longest);
    const found = stop.map((one) => finished.indexOf(one, searched)).filter((at) => at >= 0);
    if (found.length > 0) stoppedAt = Math.min(...found);
    const end = stoppedAt >= 0 ? stoppedAt : all ? finished.length : heldBackFrom(finished, stop);
    const text = finished.slice(given, Math.max(given, end));
    given = Math.max(given, end);
    return text;
  };

  return {
    add: (id) => {
      ids.push(id);
      settle(false);
      return give(false);
    },
    stopped: () => stoppedAt >= 0,
    flush: () => {
      settle(true);
      return give(true);
    },
    text: () => finished.slice(0, given),
  };
};
