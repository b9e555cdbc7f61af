import type { Mutation } from './mutation.ts';
import { serverMutations } from './server-mutations.ts';
import { shellMutations } from './shell-mutations.ts';

export const mutations: readonly Mutation[] = [...serverMutations, ...shellMutations];
