import type { ModelRecord } from '../../store/repositories/models.ts';
import type { TokensOf } from '../../trainer/protocol/read-schema.ts';

/** A model of the library, as far as its tokens go. */
export const tokensOf = ({ directory, vocabularySize, objective }: ModelRecord): TokensOf => ({
  directory,
  vocabularySize,
  objective,
});
