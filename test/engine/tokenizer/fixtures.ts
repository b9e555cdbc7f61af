import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export interface ExpectedRow {
  ids: number[];
  /** start, end, start, end, ... */
  offsets: number[];
  framed: number[];
  framedOffsets: number[];
  decoded: string;
  skipped: string;
  /** The text that stands second in a pair, by its place. */
  pair?: number;
  pairIds?: number[];
  pairTypes?: number[];
  pairOffsets?: number[];
}

interface Fixture {
  texts: string[];
  tokenizers: Record<string, { json: Record<string, unknown>; rows: ExpectedRow[] }>;
}

const path = fileURLToPath(new URL('fixtures/tokenizers.json.gz', import.meta.url));

/** What the `tokenizers` package makes of hard texts with tokenizers of every kind. */
export const { texts, tokenizers } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Fixture;
