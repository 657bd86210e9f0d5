import { keyEverywhere, toasts } from '$design';
import { zoom } from '$features/settings';
import { i18n } from '$i18n';
import { openWindow, toApiError } from '$ipc';

/** Opens one more window; says so when there are as many as there can be. */
export function openAnotherWindow(): void {
  openWindow().catch((thrown: unknown) => {
    const error = toApiError(thrown);
    toasts.show(error.code === 'invalid-request' ? i18n.t.frame.settings.noMoreWindows : i18n.cause(error), 'warn');
  });
}

function said(work: Promise<void>): void {
  work.catch((thrown: unknown) => { toasts.show(i18n.cause(toApiError(thrown)), 'bad'); });
}

/** Keys of the window itself: they are heard at the door too, where there is no shell. */
export function windowKeys(event: KeyboardEvent): void {
  switch (keyEverywhere(event, document.querySelector('dialog[open]') !== null)) {
    case 'newWindow': openAnotherWindow(); break;
    case 'zoomIn': said(zoom.step(1)); break;
    case 'zoomOut': said(zoom.step(-1)); break;
    case 'zoomReset': said(zoom.choose(100)); break;
    default: return;
  }
  event.preventDefault();
}
