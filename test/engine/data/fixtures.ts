import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseDataset } from '../../../main/engine/data/files/dataset-file.ts';
import type { Dataset } from '../../../main/engine/data/files/dataset-file.ts';
import type { ChatMessage } from '../../../main/engine/data/chat/messages.ts';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';

export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export const bytelevel = loadTokenizer(fixturePath('bytelevel'));
export const metaspace = loadTokenizer(fixturePath('metaspace'));

interface Expected {
  encodings: Record<
    string,
    { text: string; ids: number[]; plain: number[]; decoded: string; skipped: string }[]
  >;
  chats: {
    label: string;
    template: string;
    messages: ChatMessage[];
    addGenerationPrompt: boolean;
    text: string;
    ids?: number[];
    mask?: number[];
  }[];
}

/** What Hugging Face's tokenizers and transformers give. */
export const expected = JSON.parse(readFileSync(fixturePath('expected.json'), 'utf8')) as Expected;

export const jsonLines = (...rows: unknown[]): Dataset =>
  parseDataset(Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')), 'train.jsonl');

/** Tokens base, base + 1, ...; all but the first `context` are targets. */
export const exampleOf = (length: number, base: number, context = 0, sourceRow = 0): Example => ({
  inputIds: Int32Array.from({ length }, (_, index) => base + index),
  targets: Uint8Array.from({ length }, (_, index) => (index < context ? 0 : 1)),
  sourceRow,
});
