import { lookOf } from '../format/run-look.ts';
import type { RunLook } from '../format/run-look.ts';

const query = window.matchMedia('(forced-colors: active)');
let isForced = $state(query.matches);
query.addEventListener('change', ({ matches }) => void (isForced = matches));

/** A run keeps its look in charts, legends and tables: its place in the experiment tells it. */
export const runLook = (place: number): RunLook => lookOf(place, isForced);
