import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { mostDrawn } from '../../trainer/protocol/draw-schema.ts';
import type { DrawAnswer, DrawQuestion } from '../../trainer/protocol/protocol.ts';
import { findModel } from '../library/models.ts';
import type { SessionKind } from '../sessions/model-session.ts';
import { createQuestionLine } from '../sessions/question-line.ts';
import { chooseArms } from '../sessions/session-choice.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';

const drawing: SessionKind<DrawAnswer> = {
  commandOf: ({ modelDirectory, modelFiles, arms, threads }) => ({
    type: 'draw',
    specification: { modelDirectory, ...(modelFiles && { modelFiles }), arms, threads },
  }),
  answerIn: (news) => (news.type === 'drawn' ? { id: news.id, answer: news.answer } : null),
};

/** What pictures of a model without an adapter are called. */
const baseName = 'base';

/** Pictures of prompts. It writes nothing, so whoever opens the data directory may ask. */
export const createDrawingService = (context: SessionContext) => {
  const { store, emit } = context;
  const line = createQuestionLine<DrawQuestion, DrawAnswer>({
    ...context,
    kind: drawing,
    tellProgress: (payload) => emit({ name: 'drawing.progress', payload }),
  });

  return {
    methods: {
      draw: ({ modelId, arms: ids, wanted, settings, job }) => {
        const model = findModel(store, modelId);
        if (!drawsPictures(model.objective))
          throw new WorkbenchError(
            'unsupported',
            `the model "${model.name}" is made for ${model.objective}: it draws no pictures`,
          );
        const arms = chooseArms(store, model, ids);
        const count = arms.length * wanted.length;
        if (count > mostDrawn)
          throw invalidInput(
            `wanted: ${wanted.length} pictures by ${arms.length} arms are ${count}; ${mostDrawn} come at once: ask for some after the others`,
          );
        const names = { model: model.name, arms: arms.map((arm) => arm?.name ?? baseName) };
        return line.ask(job, { model, arms, baseFormat: 'fp32' }, (places) => ({
          ...{ kind: 'draw', arms: places, wanted, settings, names },
        }));
      },
      stop: ({ job }) => {
        line.stop(job);
        return {};
      },
      release: async () => {
        await line.release();
        return {};
      },
    } satisfies WorkbenchMethods['drawing'],
    line,
  };
};
