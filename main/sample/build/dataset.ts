import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { adaptationCorpus } from './corpus.ts';
import type { Chapter } from './corpus.ts';
import { splitPassages, splitSentences } from './passages.ts';
import { dataDirectory, modelDirectory } from './paths.ts';

export const parts = ['train', 'validation', 'continuations'] as const;
export type Part = (typeof parts)[number];

const passageTokens = 140;
const fewestTokens = 32; // what one very long sentence leaves of a passage beside it may be a few words
const continuationCount = 200;

/** No chapter is in two parts: the held-out text is unseen, not merely other sentences of a chapter that was seen. */
const partOf = (chapter: number): Part => {
  if (chapter % 20 === 0) return 'validation';
  return chapter % 5 === 1 || chapter % 5 === 3 ? 'train' : 'continuations';
};

export const chaptersOf = (part: Part, chapters: readonly Chapter[]): Chapter[] =>
  chapters.filter(({ number }) => partOf(number) === part);

export const passagesOf = (
  chapters: readonly Chapter[],
  countTokens: (text: string) => number,
): { text: string }[] =>
  chapters.flatMap((chapter) =>
    splitPassages(chapter.text, passageTokens, countTokens)
      .filter((text) => countTokens(text) >= fewestTokens)
      .map((text) => ({ text })),
  );

/** Plain sentences of middling length, evenly over the chapters, cut at the space nearest their middle. */
export const continuationsOf = (chapters: readonly Chapter[]): { prompt: string; completion: string }[] => {
  const plain = /^[A-Z][^"()[\]\n]{100,280}\.$/;
  const sentences = chapters
    .flatMap(({ text }) => splitSentences(text))
    .map((sentence) => sentence.trim())
    .filter((sentence) => plain.test(sentence));
  return Array.from({ length: continuationCount }, (_, index) =>
    cutInHalf(sentences[Math.floor((index * sentences.length) / continuationCount)]!),
  );
};

/** The completion keeps the space, so that prompt + completion is the sentence. */
const cutInHalf = (sentence: string): { prompt: string; completion: string } => {
  const middle = sentence.length / 2;
  const spaces = Array.from(sentence.matchAll(/ /g), ({ index }) => index);
  const cut = spaces.reduce((best, at) => (Math.abs(at - middle) < Math.abs(best - middle) ? at : best));
  return { prompt: sentence.slice(0, cut), completion: sentence.slice(cut) };
};

if (import.meta.main) {
  const tokenizer = loadTokenizer(modelDirectory);
  const countTokens = (text: string): number => tokenizer.encode(text).length;
  const chapters = adaptationCorpus();
  mkdirSync(dataDirectory, { recursive: true });
  const write = (name: string, rows: readonly object[]): void => {
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileWhole(join(dataDirectory, name), lines);
    console.log(`${name}: ${rows.length} rows, ${Buffer.byteLength(lines)} bytes`);
  };
  write('moby-dick.train.jsonl', passagesOf(chaptersOf('train', chapters), countTokens));
  write('moby-dick.validation.jsonl', passagesOf(chaptersOf('validation', chapters), countTokens));
  write('continuations.jsonl', continuationsOf(chaptersOf('continuations', chapters)));
}
