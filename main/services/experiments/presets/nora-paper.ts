import { noraPresets } from '../../../engine/adapters/methods/nora.ts';
import { officialCalibration, officialNotes, officialTraining } from './nora-official.ts';
import type { PresetInput } from './preset.ts';

export const noraPaper: PresetInput = {
  name: 'nora-paper',
  group: 'NoRA, paper',
  title: 'NoRA, paper',
  explanation:
    'The serial inner pair in a frozen outer pair with B = U Sigma and A = V^T S^-1, as the paper is best read, trained by the protocol of its code.',
  source: 'arXiv 2408.10280',
  notes: [
    "What the paper says of pictures could not be read whole: its ranks, its rate and what its inner pair starts from are not known. The inner pair starts at zero here, the ranks (32 and 16) are the smallest of the official code's sweep whose inner rank is below the outer, and the protocol is that of the official code.",
    ...officialNotes,
  ],
  training: officialTraining,
  adapter: {
    method: 'nora',
    ...officialCalibration,
    ...noraPresets.paper.settings,
    outerRank: 32,
    innerRank: 16,
  },
};
