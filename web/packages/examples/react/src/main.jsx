import { init } from '@vitrine/core';
import { configure } from '@vitrine/elements';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Shop } from './shop.jsx';
import '../../plain/style.css';

// The address of the Vitrine server comes with the build; it lists this page's origin.
const server = import.meta.env.VITE_VITRINE_SERVER ?? 'http://localhost:8080';
configure({ init, server, consent: 'required', basket: true });

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <Shop />
  </StrictMode>,
);
