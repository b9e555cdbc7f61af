import type { ReadQuestion } from '../../trainer/protocol/read-schema.ts';

/** What is read, by its path, for messages. */
export const subjectOf = (question: ReadQuestion): string => {
  switch (question.kind) {
    case 'dataset':
    case 'inspection':
    case 'pictures-hash':
      return question.trainFile;
    case 'preview':
    case 'class-counts':
    case 'pictures':
    case 'thumbnails':
    case 'shared-pictures':
    case 'buckets':
    case 'framed-pictures':
      return question.dataset.trainFile;
    case 'drawn':
      return question.folder;
    case 'drawn-pictures':
      return question.files.map(({ folder, name }) => `${folder}: ${name}`).join(', ');
    case 'hashes':
      return question.files.join(', ');
    case 'model':
    case 'model-files':
    case 'chat-templates':
    case 'layers':
    case 'fit':
    case 'class-prompts':
    case 'picture-view':
      return question.directory;
  }
};
