import type { ComparisonDesign } from '../../../../main/api/contract.ts';
import { counted } from '../../format/comparison.ts';

/** What runs to report are there for each of: `2 arms × 5 numbers of shots × 3 seeds`. */
export const finalRunsText = ({
  definition: { arms, seeds, shots },
}: Pick<ComparisonDesign, 'definition'>): string =>
  shots === null
    ? 'each arm from each seed'
    : [
        counted(arms.length, 'arm'),
        `${shots.length} ${shots.length === 1 ? 'number' : 'numbers'} of shots`,
        counted(seeds.length, 'seed'),
      ].join(' × ');
