import { z } from 'zod';
import { characterMapping, prepend, replaceMatches, type AlignedText } from './aligned-text.ts';
import { spellBytes } from './byte-alphabet.ts';
import { canonicalText } from './canonical-text.ts';
import { characterMapNormalizer } from './character-map.ts';
import { normalForm } from './normal-forms.ts';
import { part, patternShape, patternSpans, readPart, readParts, type PartTable } from './parts.ts';
import { strip } from './strip.ts';
import {
  isBertAccent,
  isBertControl,
  isChinese,
  isCombiningMark,
  isWhiteSpace,
  lowercase,
} from './unicode/classes.ts';

export type Normalizer = (text: AlignedText) => AlignedText;

const inOrder =
  (steps: readonly Normalizer[]): Normalizer =>
  (text) =>
    steps.reduce((changed, step) => step(changed), text);

const perCharacter = (change: (character: string) => string): Normalizer => characterMapping(change);

const without = (isDropped: (codePoint: number) => boolean): Normalizer =>
  perCharacter((character) => (isDropped(character.codePointAt(0)!) ? '' : character));

const cleanText: Normalizer = inOrder([
  without(isBertControl),
  perCharacter((character) => (isWhiteSpace(character.codePointAt(0)!) ? ' ' : character)),
]);

const spaceChinese = perCharacter((character) =>
  isChinese(character.codePointAt(0)!) ? ` ${character} ` : character,
);

const stripBertAccents: Normalizer = inOrder([normalForm('NFD'), without(isBertAccent)]);

const isNmtControl = (codePoint: number): boolean =>
  (codePoint >= 0x01 && codePoint <= 0x08) ||
  codePoint === 0x0b ||
  (codePoint >= 0x0e && codePoint <= 0x1f) ||
  codePoint === 0x7f ||
  codePoint === 0x8f ||
  codePoint === 0x9f;

const nmtSpaces = new Set('\t\n\f\r\u1680\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2581\ufeff\ufffd');

const table: PartTable<Normalizer> = {
  BertNormalizer: part(
    {
      clean_text: z.boolean(),
      handle_chinese_chars: z.boolean(),
      strip_accents: z.boolean().nullish(),
      lowercase: z.boolean(),
    },
    (settings) =>
      inOrder([
        ...(settings.clean_text ? [cleanText] : []),
        ...(settings.handle_chinese_chars ? [spaceChinese] : []),
        ...((settings.strip_accents ?? settings.lowercase) ? [stripBertAccents] : []),
        ...(settings.lowercase ? [perCharacter(lowercase)] : []),
      ]),
  ),
  ByteLevel: part({}, () => spellBytes),
  // Of no tokenizer.json: what a class of transformers does before it (folder/apply-settings.ts).
  CanonicalText: part({ lowercase: z.boolean() }, (settings) => canonicalText(settings.lowercase)),
  Lowercase: part({}, () => perCharacter(lowercase)),
  NFC: part({}, () => normalForm('NFC')),
  NFD: part({}, () => normalForm('NFD')),
  NFKC: part({}, () => normalForm('NFKC')),
  NFKD: part({}, () => normalForm('NFKD')),
  Nmt: part({}, () =>
    inOrder([
      without(isNmtControl),
      perCharacter((character) => (nmtSpaces.has(character) ? ' ' : character)),
    ]),
  ),
  Precompiled: part({ precompiled_charsmap: z.string() }, (settings) =>
    characterMapNormalizer(settings.precompiled_charsmap),
  ),
  Prepend: part({ prepend: z.string() }, (settings) => (text) => prepend(text, settings.prepend)),
  Replace: part({ pattern: patternShape, content: z.string() }, ({ pattern, content }) => {
    const find = patternSpans(pattern);
    return (text) => replaceMatches(text, find(text.text), content);
  }),
  Sequence: part({ normalizers: z.array(z.unknown()) }, (settings, place) =>
    inOrder(readParts(table, settings.normalizers, `${place}.normalizers`)),
  ),
  Strip: part(
    { strip_left: z.boolean(), strip_right: z.boolean() },
    (settings) => (text) => strip(text, settings.strip_left, settings.strip_right),
  ),
  StripAccents: part({}, () => without(isCombiningMark)),
};

/** @throws WorkbenchError naming the place for what is not known */
export const readNormalizer = (value: unknown, place: string): Normalizer => readPart(table, value, place);
