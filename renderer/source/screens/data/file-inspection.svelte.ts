import { sourcePath } from '../../../../main/api/contract.ts';
import type {
  DatasetFormat,
  Inspection,
  PicturesChoice,
  PicturesInspection,
  SeparatorName,
} from '../../../../main/api/contract.ts';
import { createResource } from '../../state/resource.svelte.ts';
import type { WorkbenchState } from '../../state/workbench.svelte.ts';
import { isWhole } from './format-parts.ts';

export interface FileQuestion {
  readonly kind: 'file' | 'folder';
  readonly trainFile: string;
  readonly format: DatasetFormat | null;
  readonly separator: SeparatorName | null;
  /** What is said of pictures. */
  readonly pictures?: PicturesChoice | undefined;
}

const settle = 250;

/**
 * The beginning of a file that is about to be imported, read again shortly after what is asked has changed.
 * @param modelFor whose tokens are shown for a format, given or guessed
 */
export const createFileInspection = (
  { client }: WorkbenchState,
  question: () => FileQuestion,
  modelFor: (format: DatasetFormat | null) => string | undefined,
) => {
  const asked = $derived(question());
  const ready = $derived(
    (asked.kind === 'folder' || /\.\w+$/.test(asked.trainFile)) &&
      sourcePath.safeParse(asked.trainFile).success &&
      (asked.format === null || isWhole(asked.format)),
  );
  const resource = createResource(async () => {
    const { trainFile, format, separator, pictures } = asked;
    const inspection = await client.call('datasets.inspect', {
      trainFile,
      ...(format !== null && { format }),
      ...(separator !== null && { separator }),
      ...(pictures !== undefined && { pictures }),
      ...(modelId !== undefined && { modelId }),
    });
    return { trainFile, inspection };
  });
  const isOfFile = $derived(ready || asked.format !== null);
  const found = $derived.by((): Inspection | PicturesInspection | undefined => {
    const { value, error } = resource;
    return isOfFile && error === undefined && value?.trainFile === asked.trainFile
      ? value.inspection
      : undefined;
  });
  const modelId = $derived(modelFor(asked.format ?? (found?.kind === 'rows' ? found.format : null)));
  $effect(() => {
    void [asked, modelId];
    if (!ready) return;
    const timer = setTimeout(() => void resource.refresh(), settle);
    return () => clearTimeout(timer);
  });
  return {
    /** Of the file that is chosen; of an earlier mapping while the next is not whole. */
    get found() {
      return found;
    },
    get modelId() {
      return modelId;
    },
    get error(): string | undefined {
      return ready ? resource.error : undefined;
    },
  };
};
