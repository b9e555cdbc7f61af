export { privateNames } from '../../store/private-names.ts';
