import type { ReadFiles } from './reader.ts';

/** The same, where what is costly to make again is kept: pictures that were unpacked. */
export const keepingIn =
  (cacheDirectory: string, read: ReadFiles): ReadFiles =>
  (question, options) => {
    switch (question.kind) {
      case 'pictures-hash':
        return read({ ...question, cacheDirectory }, options);
      case 'class-counts':
      case 'pictures':
      case 'thumbnails':
      case 'shared-pictures':
      case 'buckets':
      case 'framed-pictures':
        return read({ ...question, dataset: { ...question.dataset, cacheDirectory } }, options);
      default:
        return read(question, options);
    }
  };
