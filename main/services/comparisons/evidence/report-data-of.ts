import { stringify } from 'yaml';
import { overriddenTraining } from '../../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../../store/store.ts';
import { findDataset } from '../../library/datasets.ts';
import { findModel } from '../../library/models.ts';
import { slugOf } from '../../shared/names.ts';
import type { ComparisonAnswer } from '../answer/comparison-answer.ts';
import { shotsText } from '../answer/number-text.ts';
import { diagnosisFound } from '../diagnostics/diagnosis-found.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { definitionAt, shotsOf } from '../orchestration/at-shots.ts';
import { finalRuns } from '../orchestration/final-runs.ts';
import { tunedArms } from '../orchestration/tuned-arms.ts';
import type { ReportData } from '../report/report-data.ts';
import { portableDefinition } from './portable-definition.ts';
import { factsOf, filesOf } from './provenance.ts';

/** Everything that a report prints of a comparison: where each number comes from, and the file that repeats it. */
export const reportDataOf = async (
  store: Store,
  version: string,
  state: ComparisonState,
  answer: ComparisonAnswer,
): Promise<ReportData> => ({
  version: 1,
  id: state.id,
  name: state.name,
  createdAt: state.createdAt,
  definition: plain(portableDefinition(state.definition)),
  arms: armsOf(state),
  answer,
  diagnosis: diagnosisFound(store, state.id),
  confounds: state.design.confounds.map(({ name, message, reason }) => ({
    name,
    sentence: `${message}: ${reason}`,
    accepted: state.accepted.includes(name),
  })),
  provenance: {
    facts: await factsOf(version, state),
    files: await filesOf(store, state),
    runs: finalRuns(state).map(({ runId, arm, seed, shots, status }) => ({
      runId,
      arm,
      seed,
      shots,
      status,
      notices: store.runs.find(runId)?.notices ?? [],
    })),
    repeat: { fileName: `${slugOf(state.name)}.yaml`, text: repeatText(store, state) },
  },
});

/** Each with all its settings as it is trained: ranks as matched, settings as tuned. */
const armsOf = (state: ComparisonState): ReportData['arms'] => {
  const { definition, design } = state;
  const found = definition.tuning === null ? [] : tunedArms(state);
  const levels = definition.tuning === null ? [null] : shotsOf(definition);
  return levels.flatMap((shots) =>
    design.arms.map((arm) => {
      const tuned = found.find((one) => one.arm === arm.name && one.shots === shots)?.configuration ?? arm;
      const { adapter, training } = tuned;
      const protocol = definitionAt(definition, shots).training;
      return {
        name: shots === null ? arm.name : `${arm.name}, ${shotsText([shots])}`,
        method: adapter.method,
        settings: plain({ adapter, training: overriddenTraining(protocol, training) }),
      };
    }),
  );
};

/** With every default written out and every confound accepted that was: the same file gives the same numbers. */
const repeatText = (store: Store, { definition, accepted, modelId, datasetId }: ComparisonState): string =>
  stringify({
    ...portableDefinition(definition),
    model: findModel(store, modelId).name,
    dataset: findDataset(store, datasetId).name,
    accepted: [...accepted],
  });

type Plain = ReportData['definition'];
const plain = (value: unknown): Plain => JSON.parse(JSON.stringify(value)) as Plain;
