import type { Mutation } from './mutation.ts';
import { pictureMutations } from './picture-mutations.ts';
import { serverMutations } from './server-mutations.ts';
import { shellMutations } from './shell-mutations.ts';

export const mutations: readonly Mutation[] = [...serverMutations, ...shellMutations, ...pictureMutations];
