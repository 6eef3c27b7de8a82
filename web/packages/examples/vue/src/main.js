import { init } from '@vitrine/core';
import { configure } from '@vitrine/elements';
import { createApp } from 'vue';

import Shop from './Shop.vue';
import '../../plain/style.css';

// The address of the Vitrine server comes with the build; it lists this page's origin.
const server = import.meta.env.VITE_VITRINE_SERVER ?? 'http://localhost:8080';
configure({ init, server, consent: 'required', basket: true });

createApp(Shop).mount('#shop');
