import './zod-without-eval.ts';
import '@fontsource-variable/inter/wght.css';
import './styles/index.css';
import { mount } from 'svelte';
import App from './app.svelte';
import { chooseTransport } from './transport/choose-transport.ts';
import { signInByAddress } from './transport/sign-in.ts';

if (window.nora === undefined) await signInByAddress(); // Electron's window needs no sign-in
const target = document.querySelector('#app');
if (target !== null) mount(App, { target, props: { transport: chooseTransport() } });
