// The host of the real window: each call is one command of src-tauri, each subscription one of its events.
// This is the only file of the interface that knows Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Host } from './host';
import type { AppView, Update } from './view';

/** True if the page runs inside the real window. */
export function insideWindow(): boolean {
  return '__TAURI_INTERNALS__' in window;
}

/** The host of the real window. */
export function tauriHost(): Host {
  return {
    appView: () => invoke('app_view'),
    beginning: () => invoke('beginning'),
    snapshot: (conversation) => invoke('snapshot', { conversation }),
    command: (conversation, command) => invoke('command', { conversation, command }),
    // A raw body spares a picture the way through JSON; what describes it travels as headers, which must be ASCII.
    attach: (conversation, name, mime, bytes) =>
      invoke('attach', bytes, { headers: { conversation, name: encodeURIComponent(name), mime } }),
    media: (conversation, item) => invoke('media', { conversation, item }),
    saveFile: (conversation, item) => invoke('save_file', { conversation, item }),
    details: (conversation) => invoke('details', { conversation }),
    watching: (conversation, focused) => invoke('watching', { conversation, focused }),
    checkDeployment: (deployment) => invoke('check_deployment', { deployment }),
    addDeployment: (deployment) => invoke('add_deployment', { deployment }),
    deploymentDetails: (deployment) => invoke('deployment_details', { deployment }),
    removeDeployment: (deployment) => invoke('remove_deployment', { deployment }),
    openConversation: (deployment) => invoke('open_conversation', { deployment }),
    openDemo: () => invoke('open_demo'),
    deleteConversation: (conversation) => invoke('delete_conversation', { conversation }),
    search: (text, conversation) => invoke('search', { text, conversation }),
    setSettings: (settings) => invoke('set_settings', { settings }),
    saveCopy: (conversation, format) => invoke('save_copy', { conversation, format }),
    openLink: (conversation, item, href) => invoke('open_link', { conversation, item, href }),
    hideWindow: () => invoke('hide_window'),
    quit: () => invoke('quit'),
    onUpdate: (hear) => listen<Update>('update', (event) => hear(event.payload)),
    onApp: (hear) => listen<AppView>('app', (event) => hear(event.payload)),
    onShow: (hear) => listen<{ conversation: string }>('show', (event) => hear(event.payload.conversation)),
    onExplainHiding: (hear) => listen('explain-hiding', () => hear()),
    onMissed: (hear) => listen('missed', () => hear()),
  };
}
