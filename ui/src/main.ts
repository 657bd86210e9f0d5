import './design/fonts.css';
import './design/tokens.css';
import './design/base.css';
import { mount } from 'svelte';
import { installPlatform } from '$platform/index';
import App from './App.svelte';

async function begin(): Promise<void> {
  if (__FAKE__) {
    const { startFake } = await import('$platform/fake/index');
    installPlatform(startFake(new URLSearchParams(location.search)));
  } else {
    const { tauriPlatform } = await import('$platform/tauri');
    installPlatform(tauriPlatform);
  }
  const target = document.getElementById('app');
  if (target) mount(App, { target });
}

void begin();
