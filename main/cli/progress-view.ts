/** How far something has come. */
export interface ProgressState {
  readonly label: string;
  /** What is being done: `training` */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** More, in a word or two: `loss 2.31` */
  readonly detail?: string;
}

export interface ProgressView {
  show(state: ProgressState): void;
  /** A line that stays. */
  note(line: string): void;
  clear(): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const clearLine = '\r\u001b[2K';
const barWidth = 24;
/** Of fewer parts, a phase is one line where no bar can move. */
const shortest = 20;

export const silentProgress: ProgressView = {
  show: () => undefined,
  note: () => undefined,
  clear: () => undefined,
};

/** A bar in place on a terminal; elsewhere a line for each phase, and for each tenth of a long one. */
export const createProgressView = (stream: ProgressStream): ProgressView =>
  stream.isTTY === true ? createBar(stream) : createLines(stream);

const createBar = (stream: ProgressStream): ProgressView => {
  let isShown = false;
  const clear = (): void => {
    if (isShown) stream.write(clearLine);
    isShown = false;
  };
  return {
    clear,
    show(state) {
      const line = `${state.label}  ${state.phase.padEnd(14)} ${barText(state)}${state.detail ? `  ${state.detail}` : ''}`;
      stream.write(clearLine + line.slice(0, (stream.columns ?? 80) - 1));
      isShown = true;
    },
    note(line) {
      clear();
      stream.write(`${line}\n`);
    },
  };
};

const createLines = (stream: ProgressStream): ProgressView => {
  let last = '';
  return {
    clear: () => undefined,
    note: (line) => stream.write(`${line}\n`),
    show(state) {
      const tenth = state.total < shortest ? 0 : Math.floor(fractionOf(state) * 10);
      const step = `${state.label} ${state.phase} ${tenth}`;
      if (step === last) return;
      last = step;
      // One that is told once has only begun: its first count would stand there for all of it.
      const count = state.total >= shortest ? ` ${state.done}/${state.total}` : '';
      stream.write(`${state.label}: ${state.phase}${count}${state.detail ? `, ${state.detail}` : ''}\n`);
    },
  };
};

const fractionOf = ({ done, total }: ProgressState): number =>
  total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;

const barText = (state: ProgressState): string => {
  const filled = Math.round(fractionOf(state) * barWidth);
  const count = state.total > 1 ? ` ${state.done}/${state.total}` : '';
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}${count}`;
};
