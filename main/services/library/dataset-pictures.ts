import { WorkbenchError } from '../../engine/errors.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import type { Buckets, FramedPage } from '../../trainer/protocol/framing-schema.ts';
import type { ClassCount, ClassPrompts, PicturesPage } from '../../trainer/protocol/pictures-schema.ts';
import type { PicturesSource } from '../../trainer/protocol/read-schema.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { Readings } from '../reading/readings.ts';
import type { MethodParamsParsed, MethodResult } from '../shared/methods.ts';
import { findDataset } from './datasets.ts';
import { findModel } from './models.ts';

const captionReader = ({
  directory,
  maximumPositions,
}: ModelRecord): { directory: string; limit: number } => ({
  directory,
  limit: maximumPositions,
});

interface PicturesContext {
  readonly store: Store;
  readonly readFiles: ReadFiles;
  readonly readings: Readings;
}

/** Looks into the pictures of the library. Files are decoded where all that a person gave is read, never in this process. */
export const createDatasetPictures = ({ store, readFiles, readings }: PicturesContext) => {
  /** @throws unsupported for rows of text */
  const picturesOf = (id: string): PicturesSource => {
    const { name, format, trainFile } = findDataset(store, id);
    if (format.kind === 'pictures') return { trainFile, format };
    throw new WorkbenchError('unsupported', `dataset: "${name}" has rows of text, and no pictures`);
  };
  return {
    classes: async ({ id }: MethodParamsParsed<'datasets.classes'>): Promise<ClassCount[]> =>
      (await readFiles({ kind: 'class-counts', dataset: picturesOf(id) })).classes,
    pictures: async ({ id, ...asked }: MethodParamsParsed<'datasets.pictures'>): Promise<PicturesPage> =>
      (await readFiles({ kind: 'pictures', dataset: picturesOf(id), ...asked })).page,
    thumbnails: async ({
      id,
      modelId,
      ...asked
    }: MethodParamsParsed<'datasets.thumbnails'>): Promise<MethodResult<'datasets.thumbnails'>> => {
      const dataset = picturesOf(id);
      const modelDirectory = modelId === undefined ? null : findModel(store, modelId).directory;
      const { thumbnails } = await readFiles({ kind: 'thumbnails', dataset, modelDirectory, ...asked });
      return { thumbnails };
    },
    prompts: async ({
      id,
      modelId,
      template,
    }: MethodParamsParsed<'datasets.prompts'>): Promise<ClassPrompts> => {
      const { trainFile, format } = picturesOf(id);
      const { classes } = format;
      if (classes === null)
        throw new WorkbenchError(
          'unsupported',
          `dataset: the pictures of ${trainFile} have no classes, of which a template is asked`,
        );
      const { directory, maximumPositions } = findModel(store, modelId);
      return (
        await readFiles({ kind: 'class-prompts', directory, limit: maximumPositions, classes, template })
      ).asked;
    },
    buckets: async ({ id, framing }: MethodParamsParsed<'datasets.buckets'>): Promise<Buckets> =>
      (await readFiles({ kind: 'buckets', dataset: picturesOf(id), framing })).found,
    framed: async ({ id, modelId, ...asked }: MethodParamsParsed<'datasets.framed'>): Promise<FramedPage> => {
      const dataset = picturesOf(id);
      const model = modelId === undefined ? null : captionReader(findModel(store, modelId));
      return (await readFiles({ kind: 'framed-pictures', dataset, model, ...asked })).page;
    },
    sharedPictures: async ({
      id,
      job,
    }: MethodParamsParsed<'datasets.sharedPictures'>): Promise<MethodResult<'datasets.sharedPictures'>> => {
      const dataset = picturesOf(id);
      return readings.follow(
        job,
        dataset.trainFile,
        async (options) => (await readFiles({ kind: 'shared-pictures', dataset }, options)).found,
      );
    },
  };
};
