import type { Client } from '../../transport/client.ts';

/** The experiment of the sample's own file, on its way. @returns its id */
export const runDemo = async (client: Client): Promise<string> => {
  const definition = await client.call('experiments.demo', {});
  const { id } = await client.call('experiments.create', { definition });
  await client.call('experiments.start', { id });
  return id;
};
