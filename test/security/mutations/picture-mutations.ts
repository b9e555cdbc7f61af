import { mutationsOf, type Mutation } from './mutation.ts';

const decoding = ['test/engine/data/pictures/decode-picture.test.ts'];
const sets = ['test/engine/data/pictures/picture-sets.test.ts'];
const shown = ['test/services/dataset-pictures.test.ts'];

export const pictureMutations: readonly Mutation[] = [
  ...mutationsOf('main/engine/data/pictures/decode/load-decoder.ts', decoding, [
    ['every reader of the library', `sharp.block({ operation: ['VipsForeignLoad'] });`, ''],
  ]),
  ...mutationsOf('main/engine/data/pictures/decode/decode-picture.ts', decoding, [
    ['a small file that becomes gigabytes', 'if (width * height > mostPixels)', 'if (false)'],
    ['files that break off', `failOn: 'error'`, `failOn: 'none'`],
  ]),
  ...mutationsOf('main/engine/data/pictures/decode/picture-format.ts', decoding, [
    [
      'what is no picture',
      'const found = whatBegins(readable, bytes);',
      `const found = whatBegins(readable, bytes) ?? 'JPEG';`,
    ],
  ]),
  ...mutationsOf('main/engine/data/pictures/sets/picture-set.ts', sets, [
    ['names that lead upwards', `parts.includes('..')`, 'false'],
    ['names from the root', `plain.startsWith('/') ||`, ''],
    ['links that a picture was exchanged for', 'pathIn(folder, name);', '`${folder}/${name}`;'],
  ]),
  ...mutationsOf('main/engine/data/pictures/sets/folder-listing.ts', sets, [
    [
      'links that lead out of the folder',
      'const path = pathIn(root, inside(directory, entry.name));',
      'const path = join(root, inside(directory, entry.name));',
    ],
    ['a circle of links', 'if (depth > deepest)', 'if (depth > Infinity)'],
  ]),
  ...mutationsOf('main/trainer/read/pictures/thumbnails.ts', shown, [
    ['files that are shown though the set has none of their name', 'if (other !== undefined)', 'if (false)'],
    ['one torn picture that hides all others', 'if (!(error instanceof WorkbenchError))', 'if (true)'],
  ]),
];
