import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { addedTokens, withTypes, type AddedToken, type Encoding } from './encoding.ts';
import { largestId } from './models/model.ts';
import { part, readPart, readParts, type PartTable } from './parts.ts';
import { trimOffsets } from './trim-offsets.ts';

export interface PostProcessor {
  /** From one text or two; what comes out is put together in order. */
  readonly process: (encodings: readonly Encoding[], addsSpecialTokens: boolean) => readonly Encoding[];
  /** Does it look at how tokens are spelled? */
  readonly needsSpellings: boolean;
}

const tokenId = z.int().nonnegative().max(largestId);
const nameAndId = z.tuple([z.string(), tokenId]);

const piece = z.union([
  z.strictObject({
    Sequence: z.strictObject({ id: z.enum(['A', 'B']), type_id: z.int().nonnegative() }),
  }),
  z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: z.int().nonnegative() }) }),
]);

type Piece = z.output<typeof piece>;

const specialToken = z.strictObject({
  id: z.string(),
  ids: z.array(tokenId),
  tokens: z.array(z.string()),
});

const asAdded = ([spelling, id]: z.output<typeof nameAndId>): AddedToken => ({ id, spelling });

const table: PartTable<PostProcessor> = {
  BertProcessing: part({ sep: nameAndId, cls: nameAndId }, (settings) => {
    const [sep, cls] = [asAdded(settings.sep), asAdded(settings.cls)];
    return {
      needsSpellings: false,
      process: (encodings, addsSpecialTokens) =>
        addsSpecialTokens
          ? encodings.flatMap((encoding, index) => [
              ...(index === 0 ? [addedTokens([cls], 0)] : []),
              encoding,
              addedTokens([sep], index === 0 ? 0 : 1),
            ])
          : encodings,
    };
  }),
  ByteLevel: part(
    { add_prefix_space: z.boolean(), trim_offsets: z.boolean(), use_regex: z.boolean().default(true) },
    ({ add_prefix_space, trim_offsets }) => ({
      needsSpellings: trim_offsets,
      process: (encodings) =>
        trim_offsets ? encodings.map((encoding) => trimOffsets(encoding, add_prefix_space)) : encodings,
    }),
  ),
  RobertaProcessing: part(
    { sep: nameAndId, cls: nameAndId, trim_offsets: z.boolean(), add_prefix_space: z.boolean() },
    (settings) => {
      const [sep, cls] = [asAdded(settings.sep), asAdded(settings.cls)];
      return {
        needsSpellings: settings.trim_offsets,
        process: (encodings, addsSpecialTokens) =>
          encodings.flatMap((encoding, index) => {
            const trimmed = settings.trim_offsets
              ? trimOffsets(encoding, settings.add_prefix_space)
              : encoding;
            const inside = withTypes(trimmed, 0);
            if (!addsSpecialTokens) return [inside];
            return [addedTokens([index === 0 ? cls : sep], 0), inside, addedTokens([sep], 0)];
          }),
      };
    },
  ),
  Sequence: part({ processors: z.array(z.unknown()) }, (settings, place) => {
    const steps = readParts(table, settings.processors, `${place}.processors`);
    return {
      needsSpellings: steps.some(({ needsSpellings }) => needsSpellings),
      process: (encodings, addsSpecialTokens) =>
        steps.reduce((current, step) => step.process(current, addsSpecialTokens), encodings),
    };
  }),
  TemplateProcessing: part(
    {
      single: z.array(piece),
      pair: z.array(piece),
      special_tokens: z.record(z.string(), specialToken),
    },
    ({ single, pair, special_tokens: specials }) => {
      for (const entry of [...single, ...pair])
        if ('SpecialToken' in entry && !Object.hasOwn(specials, entry.SpecialToken.id))
          throw invalidInput(`special_tokens: ${JSON.stringify(entry.SpecialToken.id)} is missing`);
      return {
        needsSpellings: false,
        process: (encodings, addsSpecialTokens) => {
          if (encodings.length > 2)
            throw invalidInput('a TemplateProcessing behind another step that adds tokens can not be done');
          const template: readonly Piece[] = encodings.length === 2 ? pair : single;
          return template.flatMap((entry) => {
            if ('Sequence' in entry) {
              const { id, type_id } = entry.Sequence;
              const encoding = encodings[id === 'A' ? 0 : 1];
              if (encoding === undefined) throw invalidInput('the template for one text names a second');
              return [withTypes(encoding, type_id)];
            }
            if (!addsSpecialTokens) return [];
            const { id, type_id } = entry.SpecialToken;
            const { ids, tokens } = specials[id]!;
            return [
              addedTokens(
                ids.map((tokenId, index) => ({ id: tokenId, spelling: tokens[index] ?? '' })),
                type_id,
              ),
            ];
          });
        },
      };
    },
  ),
};

/** @throws WorkbenchError naming the place for what is not known */
export const readPostProcessor = (value: unknown, place: string): PostProcessor =>
  readPart(table, value, place);
