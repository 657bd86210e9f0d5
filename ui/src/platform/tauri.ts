import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import type { Event } from '$generated/api';
import { commandClass } from '$generated/commands';
import { DragScale } from './drag-scale';
import type { Desk, PathPurpose, Platform } from './types';

/** The dialog of the system behind each purpose: a vault is a folder. */
const dialogs: Record<PathPurpose, 'file' | 'folder' | 'save'> = { open_vault: 'folder', new_vault: 'save', open_folder: 'folder', open_file: 'file', save_file: 'save' };

export const tauriPlatform: Platform = {
  rpc(command, request, vault) {
    return invoke(commandClass[command] === 'secret' ? 'rpc_secret' : 'rpc', { command, request, vault });
  },
  onEvent(handler) {
    const listening = listen<Event>('beffroi://event', (event) => { handler(event.payload); });
    return () => void listening.then((stop) => { stop(); });
  },
  choosePath(purpose, suggested) {
    return invoke('choose_path', { kind: dialogs[purpose], suggested: suggested ?? null });
  },
  onDragged(handler) {
    const scale = new DragScale(async () => (await invoke<Desk>('desk')).zoom_percent);
    scale.look();
    // Of this window alone.
    const listening = getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'leave') {
        handler({ kind: 'left' });
        return;
      }
      // Another window may have changed how large the text is; until one drops, there is time to ask.
      if (payload.type === 'enter') scale.look();
      const place = scale.place(payload.position);
      // What is dropped from a page is an address and no path.
      handler(payload.type === 'drop' ? { kind: 'dropped', ...place, paths: payload.paths.filter((path) => path.startsWith('/')) } : { kind: 'over', ...place });
    });
    return () => void listening.then((stop) => { stop(); });
  },
  copyText(text) {
    return invoke('copy_text', { text });
  },
  copySecret(name, vault) {
    return invoke('copy_secret', { name, vault });
  },
  openWebAdmin(tunnel, vault) {
    return invoke('open_web_admin', { tunnel, vault });
  },
  stir() {
    return invoke('stir');
  },
  desk() {
    return invoke('desk');
  },
  setIdleLock(seconds) {
    return invoke('set_idle_lock', { seconds });
  },
  setZoom(percent) {
    return invoke('set_zoom', { percent });
  },
  openWindow() {
    return invoke('open_window');
  },
  announce(what) {
    return invoke('announce', { what });
  },
};
