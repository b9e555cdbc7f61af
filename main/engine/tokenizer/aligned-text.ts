import { invalidInput, type WorkbenchError } from '../errors.ts';

/**
 * A text that has been changed, with where each part of it comes from: the half-open stretch of the original text, in UTF-16
 * code units, for each code unit of this one. Slices share the arrays.
 */
export interface AlignedText {
  readonly text: string;
  /** Where the original text of this one starts. */
  readonly origin: number;
  /** Absent where the text has not been changed: code unit i comes from origin + i. */
  readonly alignment: Alignment | null;
  /** Where in the arrays this text starts. */
  readonly base: number;
}

export interface Alignment {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export const alignedText = (text: string, origin = 0): AlignedText => ({
  text,
  origin,
  alignment: null,
  base: 0,
});

/** Where the code unit at `at` comes from. */
export const startOf = ({ alignment, base, origin }: AlignedText, at: number): number =>
  alignment === null ? origin + at : alignment.starts[base + at]!;

/** The end of what the code unit before `end` comes from. */
export const endOf = ({ alignment, base, origin }: AlignedText, end: number): number =>
  alignment === null ? origin + end : alignment.ends[base + end - 1]!;

export const sliceOf = (source: AlignedText, start: number, end: number): AlignedText => ({
  text: source.text.slice(start, end),
  origin: start === end ? source.origin + start : startOf(source, start),
  alignment: source.alignment,
  base: source.base + start,
});

/** UTF-16 code units of the character that starts there: 1 or 2. */
export const unitsAt = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length ? 2 : 1;
};

/** What the character before `end` comes from; nothing where there is none. */
const lastStretch = (source: AlignedText, end: number): [start: number, end: number] => {
  if (end === 0) return [source.origin, source.origin];
  const start = end > 1 && unitsAt(source.text, end - 2) === 2 ? end - 2 : end - 1;
  return [startOf(source, start), endOf(source, end)];
};

/**
 * In UTF-16 code units: what a text, or all that it is cut into, may become. Steps that make it longer can follow each other; no
 * published tokenizer makes more than some 33 of one (U+FDFA under NFKC is 18 characters, of 33 bytes, each of which ByteLevel spells).
 */
const mostOf = (source: AlignedText): number =>
  Math.max(2 ** 16, 64 * (lastStretch(source, source.text.length)[1] - source.origin));

const tooLong = (most: number): WorkbenchError =>
  invalidInput(`the tokenizer makes more than ${most.toLocaleString('en')} characters of a text`);

/** @throws WorkbenchError where the pieces of a text are together longer than it may become */
export const checkLengths = (source: AlignedText, pieces: readonly AlignedText[]): void => {
  const most = mostOf(source);
  let length = 0;
  for (const { text } of pieces) length += text.length;
  if (length > most) throw tooLong(most);
};

/** Collects a changed text with its alignment. */
class Writer {
  text = '';
  private starts: Int32Array;
  private ends: Int32Array;
  private length = 0;
  private readonly most: number;

  constructor(source: AlignedText, capacity = source.text.length) {
    this.most = mostOf(source);
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
  }

  /** All of `text` comes from the same stretch. */
  add(text: string, start: number, end: number): void {
    this.reserve(text.length);
    this.text += text;
    for (let unit = 0; unit < text.length; unit++) {
      this.starts[this.length] = start;
      this.ends[this.length++] = end;
    }
  }

  /** A stretch of the source that stays as it is. */
  copy(source: AlignedText, start: number, end: number): void {
    if (start === end) return;
    this.reserve(end - start);
    this.text += source.text.slice(start, end);
    const { alignment, base } = source;
    if (alignment !== null) {
      this.starts.set(alignment.starts.subarray(base + start, base + end), this.length);
      this.ends.set(alignment.ends.subarray(base + start, base + end), this.length);
      this.length += end - start;
      return;
    }
    for (let at = start; at < end;) {
      const units = unitsAt(source.text, at);
      for (let unit = 0; unit < units; unit++) {
        this.starts[this.length] = source.origin + at;
        this.ends[this.length++] = source.origin + at + units;
      }
      at += units;
    }
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.most) throw tooLong(this.most);
    if (needed <= this.starts.length) return;
    const capacity = Math.max(needed, this.starts.length * 2);
    this.starts = grown(this.starts, capacity);
    this.ends = grown(this.ends, capacity);
  }

  finish(origin: number): AlignedText {
    return { text: this.text, origin, alignment: { starts: this.starts, ends: this.ends }, base: 0 };
  }
}

const grown = (array: Int32Array, capacity: number): Int32Array => {
  const larger = new Int32Array(capacity);
  larger.set(array);
  return larger;
};

/** Each character becomes what `change` says, none or several, all coming from where it came from. */
export const mapCharacters = (source: AlignedText, change: (character: string) => string): AlignedText => {
  const { text } = source;
  let writer: Writer | null = null;
  let kept = 0;
  for (let at = 0; at < text.length;) {
    const units = unitsAt(text, at);
    const character = units === 1 ? text[at]! : text.slice(at, at + 2);
    const changed = change(character);
    if (changed !== character) {
      writer ??= new Writer(source);
      writer.copy(source, kept, at);
      writer.add(changed, startOf(source, at), endOf(source, at + units));
      kept = at + units;
    }
    at += units;
  }
  if (writer === null) return source;
  writer.copy(source, kept, text.length);
  return writer.finish(source.origin);
};

/**
 * As mapCharacters with the same change. ASCII, which most texts are of, is looked up in a table, and where each character
 * becomes one the alignment stays as it is.
 */
export const characterMapping = (
  change: (character: string) => string,
): ((source: AlignedText) => AlignedText) => {
  let table: string[] | undefined;
  return (source) => {
    table ??= Array.from({ length: 0x80 }, (_, unit) => change(String.fromCharCode(unit)));
    const { text } = source;
    let mapped = '';
    let kept = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const changed = unit < 0x80 ? table[unit]! : '';
      if (changed.length !== 1) return mapCharacters(source, change);
      if (changed.charCodeAt(0) === unit) continue;
      mapped += text.slice(kept, at) + changed;
      kept = at + 1;
    }
    return kept === 0 ? source : { ...source, text: mapped + text.slice(kept) };
  };
};

/** Each match becomes `content`, which comes from where the last code unit of the match came from. */
export const replaceMatches = (source: AlignedText, spans: readonly Span[], content: string): AlignedText => {
  const matches = spans.filter(({ isMatch }) => isMatch);
  if (matches.length === 0) return source;
  if (content.length === 1 && matches.every(({ start, end }) => end - start === 1)) {
    const pieces = spans.map(({ start, end, isMatch }) =>
      isMatch ? content : source.text.slice(start, end),
    );
    return { ...source, text: pieces.join('') };
  }
  const writer = new Writer(source);
  let kept = 0;
  for (const { start, end } of matches) {
    writer.copy(source, kept, start);
    writer.add(content, ...lastStretch(source, end));
    kept = end;
  }
  writer.copy(source, kept, source.text.length);
  return writer.finish(source.origin);
};

/** With a text put before, which comes from where the first character came from. An empty text stays empty. */
export const prepend = (source: AlignedText, text: string): AlignedText => {
  if (source.text === '') return source;
  const writer = new Writer(source, source.text.length + text.length);
  writer.add(text, startOf(source, 0), endOf(source, unitsAt(source.text, 0)));
  writer.copy(source, 0, source.text.length);
  return writer.finish(source.origin);
};

/** A character of a changed text, and how it stands to the characters it comes from. */
export interface Replacement {
  readonly character: string;
  /**
   * 0: it replaces the next character; above 0: it is new and comes from where the last came from; below 0: it replaces the
   * next character and as many further ones.
   */
  readonly change: number;
}

/** The text that replacements of all its characters give, in order, as the crate's NormalizedString.transform aligns them. */
export const transform = (source: AlignedText, replacements: Iterable<Replacement>): AlignedText => {
  const writer = new Writer(source);
  let at = 0;
  const skip = (): void => {
    if (at < source.text.length) at += unitsAt(source.text, at);
  };
  for (const { character, change } of replacements) {
    if (change > 0) {
      writer.add(character, ...lastStretch(source, at));
      continue;
    }
    writer.add(character, startOf(source, at), endOf(source, at + unitsAt(source.text, at)));
    for (let skipped = 0; skipped <= -change; skipped++) skip();
  }
  return writer.finish(source.origin);
};

/** A stretch of a text that a pattern matches or that lies between matches. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly isMatch: boolean;
}
