import { join } from 'node:path';
import { pofile } from 'wuchale';
import type { StorageFactory } from 'wuchale';

type Storage = Awaited<ReturnType<StorageFactory>>;
type Item = Parameters<Storage['save']>[0]['items'][number];

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const placeOf = (item: Item): string => item.references[0]?.file ?? '';
const textOf = (item: Item): string => [...item.translations.values()][0]?.join('\n') ?? '';

/**
 * A catalogue (gettext's .po, one a language) in the order of the files and then of the texts. Files are read side by side, so the
 * library's own order changes from one time to the next, and each build would change the catalogue.
 */
export const sortedStorage =
  (dir: string): StorageFactory =>
  async (options) => {
    const storage = await pofile({ dir })(options);
    return {
      key: storage.key,
      files: storage.files,
      load: async () => {
        const loaded = await storage.load();
        const paths = options.locales.map((locale) => join(options.root, dir, `${locale}.po`));
        const there = await Promise.all(paths.map(async (path) => options.fs.exists(path)));
        // A catalogue is written where something has changed: for a language that is new, everything has.
        if (there.includes(false)) for (const item of loaded.items) item.references = [];
        return loaded;
      },
      save: ({ pluralRules, items }) => {
        for (const item of items) item.references.sort((a, b) => byText(a.file, b.file));
        const sorted = items.toSorted(
          (a, b) => byText(placeOf(a), placeOf(b)) || byText(textOf(a), textOf(b)),
        );
        return storage.save({ pluralRules, items: sorted });
      },
    };
  };
