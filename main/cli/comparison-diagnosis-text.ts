import { diagnosisValueText, pairMeasures, runMeasures } from '../api/contract.ts';
import type { ComparisonDiagnosis, DiagnosisSpread } from '../api/contract.ts';
import { formatTable } from './table.ts';

type Measure = (typeof runMeasures)[number] | (typeof pairMeasures)[number];

/** What diagnostics found, a line a measure: of each arm, of seeds of one arm, and of arms from one seed. */
export const comparisonDiagnosisText = (diagnosis: ComparisonDiagnosis): string => {
  const { arms, pairs, notices, on } = diagnosis;
  const ofArms = runMeasures.filter(({ name }) => arms.some(({ values }) => values[name] !== undefined));
  const ofPairs = pairMeasures.filter(({ name }) => pairs.some(({ values }) => values[name] !== undefined));
  return [
    `Diagnostics: means over adapters and layers${on === null ? '' : `; losses on ${on.rows} rows (${on.tokens} tokens)`}`,
    formatTable(ofArms, [
      { title: 'measure', text: ({ label }) => label },
      ...arms.map(({ arm, runs, values }) => ({
        title: `${arm} (${runs})`,
        text: (measure: (typeof ofArms)[number]) => textOf(measure, values[measure.name]),
        isNumber: true,
      })),
    ]),
    ...(ofPairs.length === 0
      ? []
      : [
          '',
          formatTable(
            pairs.filter(({ values }) => Object.keys(values).length > 0),
            [
              { title: 'held against each other', text: pairTitle },
              { title: 'pairs', text: ({ runs }) => String(runs.length), isNumber: true },
              ...ofPairs.map((measure) => ({
                title: measure.label,
                text: ({ values }: ComparisonDiagnosis['pairs'][number]) =>
                  textOf(measure, values[measure.name]),
                isNumber: true,
              })),
            ],
          ),
        ]),
    ...notices,
  ].join('\n');
};

const pairTitle = ({ kind, first, second }: ComparisonDiagnosis['pairs'][number]): string =>
  kind === 'seeds' ? `${first}: its seeds` : `${first} – ${second}`;

const textOf = ({ unit }: Measure, spread: DiagnosisSpread | undefined): string =>
  spread === undefined ? '–' : diagnosisValueText(spread.mean, unit);
