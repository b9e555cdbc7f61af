/** The components on a page of their own: `npm run gallery`. No build of the workbench has it. */
import '@fontsource-variable/inter/wght.css';
import '../styles/index.css';
import { mount } from 'svelte';
import Gallery from './gallery.svelte';

const target = document.querySelector('#app');
if (target !== null) mount(Gallery, { target });
