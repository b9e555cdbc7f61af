import {
  defaultGenerationSettings,
  type GenerationDefaults,
  type GenerationState,
  type Prompt,
  type Tally,
  type VoteChoice,
  type WorkbenchEvent,
} from '../../../../main/api/contract.ts';
import { createAction, type Action } from '../../state/action.svelte.ts';
import { oncePerWorkbench } from '../../state/once-per-workbench.ts';
import type { WorkbenchState } from '../../state/workbench.svelte.ts';
import { messageOf } from '../../transport/client.ts';
import { draftOf, readDraft, type SettingsDraft } from './settings-draft.ts';
import { promptFor, shuffled, textOf, type Arm, type Turn } from './turns.ts';

/** What is being tried out. It outlives the screen: a person comes back to where they were, and answers go on meanwhile. */
export interface Playground {
  modelId: string | undefined;
  /** In the order of their columns. */
  readonly arms: readonly Arm[];
  form: Prompt['form'];
  system: string;
  /** What is typed and not asked yet. */
  typed: string;
  settings: SettingsDraft;
  /** Whether tokens are coloured by their probability. */
  colours: boolean;
  isBlind: boolean;
  readonly turns: readonly Turn[];
  readonly isWriting: boolean;
  /** Whether whose answers are whose is to stay unknown. */
  readonly isHidden: boolean;
  readonly canVote: boolean;
  /** What was voted on the last turn. */
  readonly voted: VoteChoice | null;
  readonly tallies: readonly Tally[];
  readonly defaults: GenerationDefaults | undefined;
  readonly state: GenerationState;
  readonly error: string | undefined;
  chooseModel(id: string, arms: readonly Arm[]): void;
  toggleArm(arm: Arm): void;
  ask(): Promise<void>;
  stop(): void;
  /** Asks the last question again. */
  again(): Promise<void>;
  startAnew(): void;
  readonly vote: Action<[VoteChoice]>;
  readonly release: Action<[]>;
}

const likeliest = 5;

const createPlayground = ({ client, transport }: WorkbenchState): Playground => {
  let modelId = $state<string>();
  let arms = $state<Arm[]>([null]);
  let form = $state<Prompt['form']>('chat');
  let system = $state('');
  let typed = $state('');
  let settings = $state(draftOf(defaultGenerationSettings));
  let colours = $state(true);
  let isBlind = $state(false);
  let turns = $state<Turn[]>([]);
  let voted = $state<VoteChoice | null>(null);
  let tallies = $state<Tally[]>([]);
  let defaults = $state<GenerationDefaults>();
  let state = $state<GenerationState>({ session: null, waiting: 0 });
  let error = $state<string>();

  // Functions, not derived values: those would end with the screen that made them.
  const lastTurn = (): Turn | undefined => turns.at(-1);
  const isWriting = (): boolean => lastTurn()?.isWriting === true;
  const isComparing = (): boolean => isBlind && arms.length === 2;
  const canVote = (): boolean => {
    const last = lastTurn();
    return isComparing() && last !== undefined && !last.isWriting && last.error === null && voted === null;
  };

  const turnOf = (id: string): Turn | undefined => turns.find((turn) => turn.id === id);

  const take = (event: WorkbenchEvent): void => {
    if (event.name === 'generation.changed') state = event.payload;
    if (!('payload' in event) || !('id' in event.payload)) return;
    const turn = turnOf(event.payload.id);
    if (turn === undefined) return;
    switch (event.name) {
      case 'generation.prompts':
        event.payload.prompts.forEach((prompt, row) => (turn.answers[row]!.prompt = prompt));
        turn.notices = event.payload.notices;
        return;
      case 'generation.tokens':
        for (const token of event.payload.tokens) turn.answers[token.row]!.tokens.push(token);
        return;
      case 'generation.ended': {
        const { rows, seconds, error: problem } = event.payload;
        rows?.forEach((row, at) => (turn.answers[at]!.row = row));
        turn.seconds = seconds;
        endTurn(turn, problem?.message ?? (rows === null ? 'Stopped before anything was written.' : null));
      }
    }
  };
  const endTurn = (turn: Turn, problem: string | null): void => {
    turn.isWriting = false;
    turn.error = problem;
    // What could not be answered goes back to where it was typed.
    if (problem !== null && typed === '') typed = turn.asked;
  };

  transport.subscribe(take);
  transport.watchConnection?.((connection) => {
    const last = lastTurn();
    if (connection === 'connected' && last?.isWriting === true)
      endTurn(last, 'The connection was lost meanwhile; ask again.');
  });
  client.call('generation.show', {}).then(
    (shown) => (state = shown),
    () => undefined,
  );

  const stop = (): void => {
    const last = lastTurn();
    if (last?.isWriting === true) void client.call('generation.cancel', { id: last.id });
  };

  const startAnew = (): void => {
    stop();
    turns = [];
    voted = null;
    error = undefined;
    arms = inOrder(arms);
  };

  /** The model first, whatever order the columns were shuffled into. */
  const inOrder = (list: readonly Arm[]): Arm[] =>
    list.toSorted((a, b) => Number(a !== null) - Number(b !== null));

  const learn = async (id: string): Promise<void> => {
    const [found, votes] = await Promise.all([
      client.call('generation.defaults', { modelId: id }),
      client.call('generation.tallies', { modelId: id }),
    ]);
    if (modelId !== id) return;
    defaults = found;
    tallies = votes;
    settings = draftOf(found.settings);
  };

  const ask = async (): Promise<void> => {
    const read = readDraft(settings).settings;
    if (read === undefined || modelId === undefined || isWriting()) return;
    if (typed.trim() === '' && form === 'chat') return;
    // Once it is known whose answers they were, the next comparison begins without them; a text has nothing before it.
    if (voted !== null || form === 'text') startAnew();
    if (isComparing() && turns.length === 0) arms = shuffled(arms);
    const question = { asked: typed, form, system: form === 'chat' ? system : undefined };
    const rows = arms.map((arm, at) => ({
      arm: at,
      prompt: promptFor(turns, arm, question),
      settings: read,
    }));
    const id = crypto.randomUUID();
    turns.push({
      ...question,
      id,
      answers: arms.map((arm) => ({ arm, tokens: [], row: null, prompt: null })),
      isWriting: true,
      error: null,
      seconds: null,
      notices: [],
    });
    typed = form === 'chat' ? '' : typed;
    error = undefined;
    try {
      await client.call('generation.start', {
        id,
        modelId,
        arms: $state.snapshot(arms),
        rows,
        alternatives: likeliest,
      });
    } catch (thrown) {
      const turn = turnOf(id);
      if (turn !== undefined) endTurn(turn, messageOf(thrown));
    }
  };

  const vote = createAction(async (choice: VoteChoice) => {
    const read = readDraft(settings).settings;
    const last = lastTurn();
    const [left, right] = last?.answers ?? [];
    if (!canVote() || read === undefined || modelId === undefined || !last || !left || !right) return;
    const asked = { ...last };
    await client.call('generation.vote', {
      modelId,
      left: { adapterId: left.arm, answer: textOf(left) },
      right: { adapterId: right.arm, answer: textOf(right) },
      choice,
      prompt: promptFor([], null, asked),
      settings: read,
    });
    voted = choice;
    tallies = await client.call('generation.tallies', { modelId });
  });

  const release = createAction(async () => {
    await client.call('generation.release', {});
  });

  return {
    get modelId() {
      return modelId;
    },
    get arms() {
      return arms;
    },
    get form() {
      return form;
    },
    set form(next) {
      if (next !== form) startAnew();
      form = next;
    },
    get system() {
      return system;
    },
    set system(next) {
      system = next;
    },
    get typed() {
      return typed;
    },
    set typed(next) {
      typed = next;
    },
    get settings() {
      return settings;
    },
    set settings(next) {
      settings = next;
    },
    get colours() {
      return colours;
    },
    set colours(next) {
      colours = next;
    },
    get isBlind() {
      return isBlind;
    },
    set isBlind(next) {
      if (next !== isBlind) startAnew();
      isBlind = next;
    },
    get turns() {
      return turns;
    },
    get isWriting() {
      return isWriting();
    },
    get isHidden() {
      return isComparing() && voted === null;
    },
    get canVote() {
      return canVote();
    },
    get voted() {
      return voted;
    },
    get tallies() {
      return tallies;
    },
    get defaults() {
      return defaults;
    },
    get state() {
      return state;
    },
    get error() {
      return error;
    },
    chooseModel(id, chosen) {
      const isOther = id !== modelId;
      startAnew();
      modelId = id;
      arms = chosen.length === 0 ? [null] : [...chosen];
      if (!isOther) return;
      defaults = undefined;
      tallies = [];
      learn(id).catch((thrown: unknown) => (error = messageOf(thrown)));
    },
    toggleArm(arm) {
      const without = arms.filter((one) => one !== arm);
      if (without.length === 0) return;
      startAnew();
      arms = inOrder(without.length < arms.length ? without : [...arms, arm]);
    },
    ask,
    stop,
    async again() {
      const repeated = turns.pop();
      if (repeated === undefined) return;
      typed = repeated.asked;
      await ask();
    },
    startAnew,
    vote,
    release,
  };
};

/** The one of a workbench. */
export const playgroundOf = oncePerWorkbench(createPlayground);
