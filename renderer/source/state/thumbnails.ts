import { mostThumbnails } from '../../../main/api/contract.ts';
import type { Thumbnail } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';

export interface ThumbnailQuestion {
  readonly datasetId: string;
  /** As lists of the set's pictures have it. */
  readonly name: string;
  /** In pixels: no side of what comes is longer. */
  readonly edge: number;
  /** Whose view it is shown in; the whole file without one. */
  readonly modelId?: string | undefined;
}

/** Answers with a small picture. Throws CallError. */
export type Thumbnails = (question: ThumbnailQuestion) => Promise<Thumbnail>;

interface Waiting {
  readonly question: ThumbnailQuestion;
  readonly resolve: (thumbnail: Thumbnail) => void;
  readonly reject: (error: unknown) => void;
}

/** Some hundred pages' worth: a few megabytes of base64. */
const mostKept = 600;
const keyOf = ({ datasetId, name, edge, modelId }: ThumbnailQuestion): string =>
  JSON.stringify([datasetId, modelId, edge, name]);
const callOf = ({ datasetId, edge, modelId }: ThumbnailQuestion): string =>
  JSON.stringify([datasetId, modelId, edge]);

/** What is asked for in one moment is one call, or as few as there may be; what came is kept for a while. */
export const createThumbnails = (client: Client): Thumbnails => {
  const kept = new Map<string, Promise<Thumbnail>>();
  let waiting: Waiting[] = [];

  const askTogether = async (together: readonly Waiting[]): Promise<void> => {
    const { datasetId, edge, modelId } = together[0]!.question;
    try {
      const { thumbnails } = await client.call('datasets.thumbnails', {
        id: datasetId,
        names: together.map(({ question }) => question.name),
        edge,
        ...(modelId !== undefined && { modelId }),
      });
      together.forEach(({ resolve }, index) => resolve(thumbnails[index]!));
    } catch (error) {
      for (const { question, reject } of together) {
        kept.delete(keyOf(question));
        reject(error);
      }
    }
  };

  const send = (): void => {
    const groups = Map.groupBy(waiting, ({ question }) => callOf(question));
    waiting = [];
    for (const group of groups.values())
      for (let from = 0; from < group.length; from += mostThumbnails)
        void askTogether(group.slice(from, from + mostThumbnails));
  };

  return (question) => {
    const key = keyOf(question);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<Thumbnail>();
    if (waiting.length === 0) queueMicrotask(send);
    waiting.push({ question, resolve, reject });
    kept.set(key, promise);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return promise;
  };
};
