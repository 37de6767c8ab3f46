// The start: chooses the host, sets language and direction of the page, and draws the window.
import { mount } from 'svelte';
import type { Host } from './host/host';
import { insideWindow, tauriHost } from './host/tauri';
import { catalogue, t } from './i18n/catalogue';
import { App } from './state/app.svelte';
import './styles/index.css';
import Window from './views/Window.svelte';

/** The host that is there. The in-memory one is only part of builds made for a plain browser. */
async function findHost(): Promise<Host | null> {
  if (insideWindow()) return tauriHost();
  if (import.meta.env.MODE === 'fake') return (await import('./host/fake')).fakeHost();
  return null;
}

async function start(): Promise<void> {
  document.documentElement.lang = catalogue.language;
  document.documentElement.dir = catalogue.dir;
  const target = document.getElementById('app');
  if (!target) return;
  const host = await findHost();
  if (!host) {
    target.textContent = t('outside');
    return;
  }
  const app = new App(host);
  app.narrow = window.matchMedia('(max-width: 719px)').matches;
  mount(Window, { target, props: { app } });
  await app.start();
}

void start();
