import {
  mostSentBytes,
  plainTemplate,
  type ClassifyAnswer,
  type ClassifyDefaults,
  type GivenPicture,
  type PictureMap,
} from '../../../../../main/api/contract.ts';
import { createAction, type Action } from '../../../state/action.svelte.ts';
import type { Dropped } from '../../../state/dropped.ts';
import { oncePerWorkbench } from '../../../state/once-per-workbench.ts';
import type { WorkbenchState } from '../../../state/workbench.svelte.ts';
import type { Arm } from '../turns.ts';
import { wordsIn } from './words.ts';

/** What was asked, and of whom: answers are shown as long as it stands. */
interface Asked {
  readonly picture: string;
  readonly arms: readonly Arm[];
  readonly classes: readonly string[];
  readonly answer: ClassifyAnswer;
}

interface Mapped {
  readonly arms: readonly Arm[];
  readonly datasetId: string;
  readonly map: PictureMap;
}

/** What is being looked at. It outlives the screen: a person comes back to the picture and the map that they had. */
export interface Looking {
  /** What may be on a picture, a class a line. */
  words: string;
  template: string;
  datasetId: string;
  /** NaN while what is typed is no number. */
  most: number;
  /** Of the picture that was given; undefined before one is. */
  readonly pictureName: string | undefined;
  readonly asked: Asked | undefined;
  readonly mapped: Mapped | undefined;
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  readonly defaults: ClassifyDefaults | undefined;
  /** Begins anew where the model is another one, and asks the same again of other arms. */
  follow(modelId: string, arms: readonly Arm[]): void;
  readonly take: Action<[Dropped | string]>;
  readonly look: Action<[]>;
  readonly draw: Action<[]>;
  stop(): void;
}

const usualMost = 1000;

const createLooking = ({ client, transport }: WorkbenchState): Looking => {
  let modelId = '';
  let arms: readonly Arm[] = [null];
  let words = $state('');
  let template = $state(plainTemplate);
  let datasetId = $state('');
  let most = $state(usualMost);
  let picture = $state.raw<{ readonly name: string; readonly given: GivenPicture }>();
  let asked = $state.raw<Asked>();
  let mapped = $state.raw<Mapped>();
  let progress = $state.raw<{ done: number; total: number }>();
  let defaults = $state.raw<ClassifyDefaults>();
  /** A picture may be looked at while a map is drawn. */
  const jobs = new Set<string>();

  transport.subscribe((event) => {
    if (event.name !== 'classifying.progress' || !jobs.has(event.payload.job)) return;
    const { done, total } = event.payload;
    progress = { done, total };
  });

  const during = async <Result>(work: (job: string) => Promise<Result>): Promise<Result> => {
    const job = crypto.randomUUID();
    jobs.add(job);
    try {
      return await work(job);
    } finally {
      jobs.delete(job);
      if (jobs.size === 0) progress = undefined;
    }
  };

  const look = createAction(async () => {
    const classes = wordsIn(words);
    if (picture === undefined || classes.length < 2) return;
    const { name, given } = picture;
    const question = { modelId, arms: [...arms], picture: given, classes, template };
    const answer = await during((job) => client.call('classifying.classify', { ...question, job }));
    // A model that was chosen meanwhile did not say this.
    if (question.modelId !== modelId) return;
    asked = { picture: name, arms: question.arms, classes, answer };
  });

  const take = createAction(async (dropped: Dropped | string) => {
    picture = await pictureOf(dropped);
    asked = undefined;
    void look.runNext();
  });

  const draw = createAction(async () => {
    const question = { modelId, arms: [...arms], datasetId, most };
    const map = await during((job) => client.call('classifying.map', { ...question, job }));
    if (question.modelId !== modelId) return;
    mapped = { arms: question.arms, datasetId, map };
  });

  /** What a person wrote stays; what the arms brought goes with them. */
  const learn = async (): Promise<void> => {
    const of = arms;
    const found = await client.call('classifying.defaults', { modelId, arms: [...of] });
    if (of !== arms) return;
    const isOwn = words.trim() !== '' && words !== defaults?.classes.join('\n');
    defaults = found;
    if (datasetId === '' && found.dataset !== null) datasetId = found.dataset.id;
    if (isOwn || found.classes.length === 0) return;
    words = found.classes.join('\n');
    template = found.template;
  };

  return {
    get words() {
      return words;
    },
    set words(next) {
      words = next;
    },
    get template() {
      return template;
    },
    set template(next) {
      template = next;
    },
    get datasetId() {
      return datasetId;
    },
    set datasetId(next) {
      datasetId = next;
    },
    get most() {
      return most;
    },
    set most(next) {
      most = next;
    },
    get pictureName() {
      return picture?.name;
    },
    get asked() {
      return asked;
    },
    get mapped() {
      return mapped;
    },
    get progress() {
      return progress;
    },
    get defaults() {
      return defaults;
    },
    follow(nextModel, nextArms) {
      const isOther = nextModel !== modelId;
      if (!isOther && nextArms.join() === arms.join()) return;
      modelId = nextModel;
      arms = [...nextArms];
      if (isOther) asked = mapped = undefined;
      // Whoever looks hears why the arms' own classes are not known; the words can be typed all the same.
      void learn()
        .catch(() => undefined)
        .then(() => (asked === undefined && !look.busy ? undefined : look.runNext()));
    },
    take,
    look,
    draw,
    stop() {
      for (const job of jobs) void client.call('classifying.stop', { job });
    },
  };
};

/** A picture by its path, or where only a browser has it by what is in it. @throws Error for what is none, and for one too large to send */
const pictureOf = async (
  dropped: Dropped | string,
): Promise<{ readonly name: string; readonly given: GivenPicture }> => {
  if (typeof dropped === 'string') return { name: dropped, given: { path: dropped } };
  if ('problem' in dropped) throw new Error(dropped.problem);
  const { name, kind, path, file } = dropped;
  if (kind === 'folder') throw new Error(`“${name}” is a folder. Drop a picture.`);
  if (path !== null) return { name, given: { path } };
  if (file.size > mostSentBytes)
    throw new Error(
      `“${name}” is larger than ${mostSentBytes / 2 ** 20} MB. Give its path on the workbench's machine.`,
    );
  return { name, given: { name, base64: await base64Of(file) } };
};

const base64Of = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    // A data URL: what it is, a comma, and the bytes.
    reader.onload = () => resolve((reader.result as string).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error(`“${file.name}” can't be read.`));
    reader.readAsDataURL(file);
  });

/** The one of a workbench. */
export const lookingOf = oncePerWorkbench(createLooking);
