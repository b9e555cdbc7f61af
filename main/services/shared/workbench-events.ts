import type { Metric } from '../../trainer/protocol/protocol.ts';
import type { Export, Run } from './entities.ts';

/** What the services tell without being asked: the contract's events, name by name. */
export type ServiceEvent =
  | { name: 'models.changed'; payload: Record<string, never> }
  | { name: 'datasets.changed'; payload: Record<string, never> }
  | { name: 'experiments.changed'; payload: Record<string, never> }
  | { name: 'adapters.changed'; payload: Record<string, never> }
  | { name: 'run.changed'; payload: Run }
  | { name: 'run.metrics'; payload: { runId: string; metrics: Metric[] } }
  | { name: 'export.changed'; payload: Export };

export type EmitEvent = (event: ServiceEvent) => void;
