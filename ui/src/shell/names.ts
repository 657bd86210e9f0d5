import type { Destination } from '$design';
import { i18n } from '$i18n';

/** What a screen is called. */
export function screenName(screen: Destination | 'design'): string {
  const t = i18n.t;
  switch (screen) {
    case 'certificates': return t.certificates.title;
    case 'guests': return t.guests.title;
    case 'yunohost': return t.ynhFleet.title;
    case 'stages': return t.stagesScreen.title;
    case 'vault': return t.upkeep.title;
    case 'people': return t.people.title;
    case 'reports': return t.reports.title;
    case 'runs': return t.engine.run.title;
    case 'recipes': return t.engine.recipes.title;
    case 'terminal': return t.terminal.title;
    case 'notices': return t.frame.notices.title;
    default: return t.shell[screen];
  }
}
