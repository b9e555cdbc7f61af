import type { ComparisonDiagnosis } from './comparison-diagnosis.ts';
import { pairMeasures, runMeasures } from './diagnosis-measures.ts';

/** What the tables are of. */
export const diagnosisIntroduction = ({ runs, on }: ComparisonDiagnosis): string =>
  [
    `Of ${runs.length} ${runs.length === 1 ? 'adapter' : 'adapters'}: means over adapters and layers, every layer alike; in brackets the least and the most of an adapter.`,
    on === null
      ? ''
      : `Losses are on ${on.rows} ${on.data === 'held-out' ? 'held-out rows' : 'sample prompts'} (${on.tokens} tokens).`,
    'They decide nothing.',
  ]
    .filter((part) => part !== '')
    .join(' ');

/** A line for each measure that is there. */
export const diagnosisMeanings = ({ arms, pairs }: ComparisonDiagnosis): string[] => [
  ...runMeasures
    .filter(({ name }) => arms.some(({ values }) => values[name] !== undefined))
    .map(({ label, meaning }) => `${label}: ${meaning}`),
  ...pairMeasures
    .filter(({ name }) => pairs.some(({ values }) => values[name] !== undefined))
    .map(({ label, meaning }) => `${label}: ${meaning}`),
];
