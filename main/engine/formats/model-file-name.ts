import type { ModelFileKind } from './model-file-schema.ts';

export interface ModelFileName {
  /** Relative to the folder; of a model that is one file, the file's own. */
  readonly name: string;
  readonly kind: ModelFileKind;
}
