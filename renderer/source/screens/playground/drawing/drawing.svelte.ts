import type { Drawing as DrawAnswer, DrawSettings } from '../../../../../main/api/contract.ts';
import { createAction, type Action } from '../../../state/action.svelte.ts';
import { oncePerWorkbench } from '../../../state/once-per-workbench.ts';
import type { WorkbenchState } from '../../../state/workbench.svelte.ts';
import type { Arm } from '../turns.ts';
import { newDrawDraft, type DrawDraft, type WantedPicture } from './draw-draft.ts';

/** What was asked, of whom, and what came of it. */
export interface Drawn {
  readonly modelId: string;
  readonly arms: readonly Arm[];
  readonly wanted: readonly WantedPicture[];
  readonly answer: DrawAnswer;
}

/** What is being drawn. It outlives the screen: a person comes back to the pictures that they had. */
export interface Drawing {
  readonly draft: DrawDraft;
  readonly drawn: Drawn | undefined;
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  /** Whether the drawing ended because a person stopped it. */
  readonly wasStopped: boolean;
  readonly draw: Action<[Omit<Drawn, 'answer'>, DrawSettings]>;
  stop(): void;
}

const createDrawing = ({ client, transport }: WorkbenchState): Drawing => {
  const draft = $state(newDrawDraft());
  let drawn = $state.raw<Drawn>();
  let progress = $state.raw<{ done: number; total: number }>();
  let job = '';
  let wasStopped = $state(false);

  transport.subscribe((event) => {
    if (event.name !== 'drawing.progress' || event.payload.job !== job) return;
    const { done, total } = event.payload;
    progress = { done, total };
  });

  const draw = createAction(async (asked: Omit<Drawn, 'answer'>, settings: DrawSettings) => {
    job = crypto.randomUUID();
    wasStopped = false;
    const { modelId, arms, wanted } = asked;
    try {
      const answer = await client.call('drawing.draw', {
        ...{ modelId, arms: [...arms], wanted: [...wanted], settings, job },
      });
      drawn = { ...asked, answer };
    } catch (error) {
      if (!wasStopped) throw error;
    } finally {
      progress = undefined;
    }
  });

  return {
    draft,
    get drawn() {
      return drawn;
    },
    get progress() {
      return progress;
    },
    get wasStopped() {
      return wasStopped;
    },
    draw,
    stop() {
      wasStopped = true;
      void client.call('drawing.stop', { job });
    },
  };
};

/** The one of a workbench. */
export const drawingOf = oncePerWorkbench(createDrawing);
