import { readFileSync } from 'node:fs';
import type { ChatMessage } from '../../../main/engine/data/chat/messages.ts';
import { parseJsonValue } from '../../../main/engine/data/records/json-row.ts';
import { loadTokenizer, type Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { fixturePath } from './fixtures.ts';

interface ReferenceRows {
  /** With {% generation %} blocks. */
  templates: Record<string, string>;
  rows: Record<string, { messages: ChatMessage[]; tools?: object[]; documents?: object[] }>;
  chats: { tokenizer: string; template: string; row: string; ids: number[]; mask: string }[];
  completions: {
    tokenizer: string;
    prompt: string;
    completion: string;
    ids: number[];
    /** In code points. */
    offsets: [number, number][];
    /** Whether the prompt by itself has the same tokens. */
    same: boolean;
  }[];
}

/** What transformers 5.24 gives. */
export const reference = parseJsonValue(
  readFileSync(fixturePath('rows/expected.json'), 'utf8'),
  'expected.json',
) as ReferenceRows;

const loaded = new Map<string, Tokenizer>();

export const referenceTokenizer = (name: string): Tokenizer => {
  const tokenizer = loaded.get(name) ?? loadTokenizer(fixturePath(`rows/${name}`));
  loaded.set(name, tokenizer);
  return tokenizer;
};

export const tokenizerNames = [...new Set(reference.chats.map(({ tokenizer }) => tokenizer))];
