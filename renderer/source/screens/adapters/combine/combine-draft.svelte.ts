import type { Adapter } from '../../../../../main/api/contract.ts';

/** A row of the form. The weight is NaN while what is typed is no number. */
export interface DraftPart {
  readonly key: number;
  adapterId: string;
  weight: number;
}

/** What is to be added up: adapters of the model of the first, each once. */
export class CombineDraft {
  parts = $state<DraftPart[]>([]);
  #adapters: () => readonly Adapter[];
  #lastKey = 0;

  constructor(adapters: () => readonly Adapter[], first: string | undefined) {
    this.#adapters = adapters;
    const start = this.#find(first) ?? adapters()[0];
    if (start) this.parts.push({ key: ++this.#lastKey, adapterId: start.id, weight: 1 });
  }

  #find(id: string | undefined): Adapter | undefined {
    return this.#adapters().find((adapter) => adapter.id === id);
  }

  get modelId(): string | undefined {
    return this.#find(this.parts[0]?.adapterId)?.modelId;
  }

  /** What a row can be: the first any adapter, the others those of its model that no other row is. */
  choicesFor(part: DraftPart): readonly Adapter[] {
    const taken = new Set(this.parts.filter(({ key }) => key !== part.key).map(({ adapterId }) => adapterId));
    return this.#adapters().filter(
      ({ id, modelId }) => !taken.has(id) && (part === this.parts[0] || modelId === this.modelId),
    );
  }

  get free(): readonly Adapter[] {
    const taken = new Set(this.parts.map(({ adapterId }) => adapterId));
    return this.#adapters().filter(({ id, modelId }) => modelId === this.modelId && !taken.has(id));
  }

  add(): void {
    const [next] = this.free;
    if (next) this.parts.push({ key: ++this.#lastKey, adapterId: next.id, weight: 1 });
  }

  remove(key: number): void {
    this.parts = this.parts.filter((part) => part.key !== key);
  }

  /** Another first adapter takes those of other models with it. */
  choose(part: DraftPart, adapterId: string): void {
    part.adapterId = adapterId;
    this.parts = this.parts.filter((other) => this.#find(other.adapterId)?.modelId === this.modelId);
  }

  /** Undefined while a weight is none. */
  get asked(): { adapterId: string; weight: number }[] | undefined {
    const parts = this.parts.map(({ adapterId, weight }) => ({ adapterId, weight }));
    const isWhole = parts.every(({ weight }) => weight !== 0 && Math.abs(weight) <= 100);
    return parts.length > 0 && isWhole ? parts : undefined;
  }
}
