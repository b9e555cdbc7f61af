import type { DataFormat } from '../../main/engine/data/pictures/pictures-format.ts';
import type { Judged } from '../../main/engine/objectives/facts.ts';

/** As much of a format of a kind as decides what it trains; pictures are of classes. */
export const formatOfKind = (kind: DataFormat['kind']): Judged =>
  kind === 'pictures' ? { kind, classes: ['cat', 'dog'], subject: null } : { kind };
