/** Names of the Hugging Face Hub where a path is asked for: people type them, and the workbench downloads nothing. Pure. */

/** A model or a dataset of the Hub, or one file of it. */
interface HubPlace {
  readonly name: string;
  readonly isDataset: boolean;
  readonly file: string | null;
}

const host = /^(?:(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\/|hf:\/\/)/i;

/** Narrow on purpose: what is found goes into a command that people copy into a shell. */
const place =
  /^(datasets\/)?([a-z0-9][\w.-]{0,95}(?:\/[a-z0-9][\w.-]{0,95})?)(?:@[\w./-]+)?(?:\/(?:tree|blob|resolve|raw)\/[\w.-]+(?:\/(\w[\w./-]*))?)?\/?$/i;

const bareName = /^(?:datasets\/)?[a-z0-9][\w.-]{0,95}\/[a-z0-9][\w.-]{0,95}$/i;

/** Files that people have lying about: `data/train.jsonl` looks like a name of the Hub and is none. */
const fileName = /\.(jsonl?|ndjson|[ct]sv|txt|ya?ml|parquet|arrow|safetensors|bin|pt|gguf|zip|gz|tgz)$/i;

const placeIn = (text: string): HubPlace | null => {
  const [, datasets, name, file] = place.exec(text.split(/[?#]/, 1)[0]!) ?? [];
  return name === undefined ? null : { name, isDataset: datasets !== undefined, file: file ?? null };
};

const advice = ({ name, isDataset, file }: HubPlace): string => {
  const words = ['hf download', ...(isDataset ? ['--repo-type dataset'] : []), name, ...(file ? [file] : [])];
  const printed = file === null ? (isDataset ? 'a file in the folder' : 'the folder') : 'the file';
  return `the workbench downloads nothing: run "${words.join(' ')}" and give ${printed} that it prints, or download it with git or a browser`;
};

/** What to do with an address on the Hub; null where the text is none. */
export const hubAddressAdvice = (text: string): string | null => {
  if (!host.test(text)) return null;
  const found = placeIn(text.replace(host, ''));
  const what = found === null ? 'an address' : (found.file ?? found.name);
  const then =
    found === null
      ? 'the workbench downloads nothing: download what is there and give its path'
      : advice(found);
  return `${what} is on the Hugging Face Hub, and ${then}`;
};

/** What to do if a relative path is a name on the Hub; null where it can't be one. */
export const hubNameAdvice = (text: string): string | null => {
  if (!bareName.test(text) || fileName.test(text)) return null;
  const found = placeIn(text);
  return found && `if that is a name on the Hugging Face Hub, ${advice(found)}`;
};
