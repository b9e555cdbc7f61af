import type { AdapterSettings } from '../../../engine/adapters/settings/adapter-settings.ts';
import type { Model } from '../../../engine/models/model.ts';
import { withoutFrozen } from './frozen-tower.ts';

/** The model as an adapter's steps need it: without the text tower where the adapter leaves the texts as they are. */
export const steppedModel = (whole: Model, adapter: AdapterSettings): Model =>
  withoutFrozen(whole, adapter, 'texts');
