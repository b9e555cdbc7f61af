import { createSession } from '../../runtime/session.ts';
import { scalarTensor, vectorTensor } from '../../train/batch/tensors.ts';
import { baseInputs, scalingsOf, type BaseInputs } from '../../train/model/base-inputs.ts';
import { foldGraph } from '../../train/model/fold-graphs.ts';
import { initialParameters, trainedLayout, type TrainedModel } from '../../train/model/trained-model.ts';

/** What the base's graphs take of an adapter as it is: its sides multiplied out, its scalings, and weights that were trained whole. */
export const foldSubject = async (subject: TrainedModel): Promise<BaseInputs> => {
  const scalars = scalingsOf(subject.adapter).values.map(({ name, value }) => [name, scalarTensor(value)]);
  const scalings = Object.fromEntries(scalars) as BaseInputs;
  if (baseInputs(subject).length === 0) return scalings;
  const layout = trainedLayout(subject);
  const session = await createSession(foldGraph(subject, layout), { threads: 1, arena: false });
  try {
    const parameters = vectorTensor(initialParameters(subject, layout));
    const folded = await session.run(layout.total === 0 ? {} : { parameters });
    return { ...folded, ...scalings };
  } finally {
    await session.release();
  }
};

/** Subjects with the same are scored with one compiled model. */
export const shapeKey = (subject: TrainedModel): string =>
  JSON.stringify([baseInputs(subject), scalingsOf(subject.adapter).nameOf]);
