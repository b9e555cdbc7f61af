import type { Page } from 'playwright-core';
import type { Experiment } from '../../../main/api/contract.ts';
import { heading, newest } from './use-window.ts';
import type { Window } from './use-window.ts';

/** From anywhere to the form of a new experiment. */
export const openForm = async ({ page }: Window): Promise<void> => {
  await page.getByRole('link', { name: 'New experiment' }).first().click();
  await heading(page, 'New experiment').waitFor();
};

export const createButton = (page: Page) => page.getByRole('button', { name: 'Create and start' });

/** What was made of LoRA and NoRA on the sample, once its page is there. */
export const createdExperiment = async ({ page, server }: Window): Promise<Experiment> => {
  await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
  return newest<Experiment>(server.router, 'experiments');
};
