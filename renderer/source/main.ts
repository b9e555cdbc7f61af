import './zod-without-eval.ts';
import '@fontsource-variable/inter/wght.css';
import './styles/index.css';
import { mount } from 'svelte';
import App from './app.svelte';
import { chooseTransport } from './transport/choose-transport.ts';

const target = document.querySelector('#app');
if (target !== null) mount(App, { target, props: { transport: chooseTransport() } });
