/** One of the eleven data sets of few-shot classification that CoOp put together, as a person has it on the disk. */
export interface PublishedSet {
  /** As CoOp calls it. */
  readonly name: string;
  /** What its folder is usually called, by CoOp and by CLIP-LoRA. Either name is only a hint: the files in it tell. */
  readonly folders: readonly string[];
  readonly layout: PublishedLayout;
  /** CoOp's own template for it. */
  readonly template: string;
  /** Where a person gets the pictures. */
  readonly source: string;
}

export type PublishedLayout =
  | {
      readonly kind: 'split';
      /** CoOp's file of who is in which part. */
      readonly split: string;
      /** That its names are within; empty for the folder itself. */
      readonly pictures: string;
    }
  /** variants.txt and images_variant_{train,val,test}.txt, that come with the pictures. */
  | { readonly kind: 'aircraft'; readonly pictures: string }
  /** A folder for each class, and classnames.txt with their names. Its validation pictures are those to test on. */
  | { readonly kind: 'imagenet'; readonly pictures: readonly string[] };

/** Where CoOp's split files and classnames.txt are linked to. */
export const splitSource = 'https://github.com/KaiyangZhou/CoOp/blob/main/DATASETS.md';

const split = (name: string, pictures: string): PublishedLayout => ({
  kind: 'split',
  split: `split_zhou_${name}.json`,
  pictures,
});

export const publishedSets: readonly PublishedSet[] = [
  {
    name: 'ImageNet',
    folders: ['imagenet'],
    layout: { kind: 'imagenet', pictures: ['images', ''] },
    template: 'a photo of a {}.',
    source: 'https://image-net.org (with an account)',
  },
  {
    name: 'Caltech101',
    folders: ['caltech-101', 'Caltech101'],
    layout: split('Caltech101', '101_ObjectCategories'),
    template: 'a photo of a {}.',
    source: 'https://data.caltech.edu/records/mzrjq-6wc02',
  },
  {
    name: 'OxfordPets',
    folders: ['oxford_pets', 'OxfordPets'],
    layout: split('OxfordPets', 'images'),
    template: 'a photo of a {}, a type of pet.',
    source: 'https://www.robots.ox.ac.uk/~vgg/data/pets/',
  },
  {
    name: 'StanfordCars',
    folders: ['stanford_cars', 'StanfordCars'],
    layout: split('StanfordCars', ''),
    template: 'a photo of a {}.',
    source: 'http://ai.stanford.edu/~jkrause/cars/car_dataset.html',
  },
  {
    name: 'OxfordFlowers',
    folders: ['oxford_flowers', 'Flower102'],
    layout: split('OxfordFlowers', 'jpg'),
    template: 'a photo of a {}, a type of flower.',
    source: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/',
  },
  {
    name: 'Food101',
    folders: ['food-101', 'Food101'],
    layout: split('Food101', 'images'),
    template: 'a photo of {}, a type of food.',
    source: 'https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/',
  },
  {
    name: 'FGVCAircraft',
    folders: ['fgvc_aircraft'],
    layout: { kind: 'aircraft', pictures: 'images' },
    template: 'a photo of a {}, a type of aircraft.',
    source: 'https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/',
  },
  {
    name: 'SUN397',
    folders: ['sun397', 'SUN397'],
    layout: split('SUN397', 'SUN397'),
    template: 'a photo of a {}.',
    source: 'https://vision.princeton.edu/projects/2010/SUN/',
  },
  {
    name: 'DescribableTextures',
    folders: ['dtd', 'DTD'],
    layout: split('DescribableTextures', 'images'),
    template: '{} texture.',
    source: 'https://www.robots.ox.ac.uk/~vgg/data/dtd/',
  },
  {
    name: 'EuroSAT',
    folders: ['eurosat'],
    layout: split('EuroSAT', '2750'),
    template: 'a centered satellite photo of {}.',
    source: 'https://github.com/phelber/EuroSAT',
  },
  {
    name: 'UCF101',
    folders: ['ucf101', 'UCF101'],
    layout: split('UCF101', 'UCF-101-midframes'),
    template: 'a photo of a person doing {}.',
    source: splitSource,
  },
];
