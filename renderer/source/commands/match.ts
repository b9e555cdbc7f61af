import type { Command } from './command.ts';

/**
 * How well a command fits what was typed; 0 where some word of it is not found. Every word must begin a word of the title or of the
 * further names; one that merely stands within a word counts less, and an earlier place counts more.
 */
export const matchScore = ({ title, also = '' }: Pick<Command, 'title' | 'also'>, typed: string): number => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const scores = words.map((word) => Math.max(wordScore(title, word), wordScore(also, word) / 2));
  if (scores.includes(0)) return 0;
  return words.length === 0 ? 1 : scores.reduce((sum, score) => sum + score, 0) / words.length;
};

const wordScore = (text: string, word: string): number => {
  const at = text.toLowerCase().indexOf(word);
  if (at === -1) return 0;
  const begins = at === 0 || /[\s\-_/.,:(]/.test(text[at - 1]!);
  const later = text.toLowerCase().search(new RegExp(`[\\s\\-_/.,:(]${escaped(word)}`));
  const place = begins || later === -1 ? at : later + 1;
  return (begins || later !== -1 ? 1 : 0.3) / (1 + place / 100);
};

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
