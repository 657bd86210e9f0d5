import type { hardening as english } from './hardening.en';
import { many } from './plural.fr';

export const hardening: typeof english = {
  section: 'Durcissement', title: (n) => `Durcissement de ${many(n, 'hôte', 'hôtes')}`,
  text: 'D’après le dernier relevé ; rien n’est demandé à aucun hôte. Ce qui n’est pas connu n’est jamais tenu pour bon.',
  severities: { high: 'Grave', medium: 'Moyen', low: 'Léger' },
  toDo: 'À faire', unknown: 'Inconnu', ok: 'Bon', plan: (n) => (n === 1 ? 'Faire le plan' : `Faire le plan, ${many(n, 'hôte', 'hôtes')}`), refresh: 'Relever à nouveau', notRead: 'Rien n’est connu de :', nothing: 'Tous les contrôles sont bons.', show: 'Montrer ce qui est bon', hide: 'Cacher ce qui est bon',
};
