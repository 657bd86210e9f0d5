import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { commandClass, type Event } from '$generated/api';
import type { PathPurpose, Platform } from './types';

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
  onDropped(handler) {
    // Of this window alone; what is dropped from a page is an address and no path.
    const listening = getCurrentWebview().listen<{ paths: string[] }>('tauri://drag-drop', ({ payload }) => { handler(payload.paths.filter((path) => path.startsWith('/'))); });
    return () => void listening.then((stop) => { stop(); });
  },
  copyText(text) {
    return invoke('copy_text', { text });
  },
  copySecret(name, vault) {
    return invoke('copy_secret', { name, vault });
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
