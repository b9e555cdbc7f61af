import { WorkbenchError } from '../../main/engine/errors.ts';
import { TemplateError } from '../../main/engine/templates/template-error.ts';
import type { Format } from './formats.ts';

const most = { milliseconds: 1000, megabytes: 500 };

/** What was wrong with how an input was read; null for one that was read, or refused in words. */
export const faultOf = async (format: Format, input: Uint8Array, folder: string): Promise<string | null> => {
  const started = process.cpuUsage();
  const memory = process.memoryUsage.rss();
  const fault = await errorOf(format, input, folder);
  const { user, system } = process.cpuUsage(started);
  const milliseconds = (user + system) / 1000;
  const megabytes = (process.memoryUsage.rss() - memory) / 2 ** 20;
  if (Object.keys(Object.prototype).length > 0) return 'changed what all objects have';
  if (milliseconds > most.milliseconds)
    return `took ${Math.round(milliseconds)} ms${fault === null ? '' : `, ${fault}`}`;
  if (megabytes > most.megabytes) return `took ${Math.round(megabytes)} MiB`;
  return fault;
};

const errorOf = async (format: Format, input: Uint8Array, folder: string): Promise<string | null> => {
  try {
    await format.read(input, folder);
    return null;
  } catch (error) {
    if (error instanceof TemplateError) return null;
    if (error instanceof WorkbenchError)
      return error.code === 'internal' ? `internal: ${error.message}` : null;
    if (
      error instanceof SyntaxError &&
      error.stack?.includes('/fuzz/formats.ts:') === true &&
      /JSON/.test(error.message)
    )
      return null;
    return error instanceof Error ? (error.stack ?? error.message).slice(0, 1500) : String(error);
  }
};
