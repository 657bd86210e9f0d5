import type { backups as english } from './backups.en';
import { many } from './plural.fr';

/** Les mots des sauvegardes. */
export const backups: typeof english = {
  section: 'Sauvegardes', text: 'Les archives de cet hôte, et les siennes qui se trouvent ici : scellées avec une clé de ce coffre, pour qu’une clé USB trouvée ne dise rien.',
  there: 'Sur l’hôte', here: 'Ici', free: (bytes) => `${bytes} libres`, loading: 'L’hôte est interrogé…', emptyThere: 'Aucune archive sur cet hôte.', emptyHere: 'Rien de cet hôte n’a encore été rapatrié.',
  columns: { name: 'Nom', made: 'Faite', holds: 'Contient', size: 'Taille', checked: 'Vérifiée', place: 'Où', actions: 'Ce qu’on peut faire' },
  pull: 'Rapatrier', pulled: (name) => `${name} se trouve ici.`, isHere: 'ici', create: 'Faire et rapatrier', createTitle: 'Faire une sauvegarde et la rapatrier', createText: 'YunoHost fait l’archive et l’envoie à mesure : rien n’en reste sur l’hôte, et il n’y faut pas de place.',
  createName: 'Son nom', createNameHint: 'L’heure, s’il est vide.', everything: 'Tout', onlyApps: 'Les applications seulement', folder: 'Dossier', folderHint: 'Sur cet ordinateur, un disque ou une clé.', choose: 'Choisir…', createDo: 'La faire', lacks: (what) => `La sauvegarde est là, et il y manque ${what}.`,
  verify: 'Vérifier', verified: (name) => `${name} est intacte.`, never: 'jamais', whole: 'intacte', damaged: 'abîmée', away: 'absente pour l’instant', streamed: 'jamais sur l’hôte',
  restore: 'Restaurer…', restoreTitle: 'Restaurer sur un hôte', restoreText: 'L’archive est vérifiée, envoyée, et ses applications sont restaurées. Le plan dit d’abord ce qui s’y oppose.', restoreOn: 'Hôte', restoreDo: 'Faire le plan', rehearse: 'Répéter',
  rehearsed: 'Répétition', entries: (n, bytes) => `${many(n, 'entrée', 'entrées')}, ${bytes} de fichiers`, good: 'Elle pourrait être restaurée.', bad: 'Elle ne pourrait pas être restaurée telle quelle.',
  schedule: 'Programmer…', scheduleTitle: 'Sauvegardes programmées', scheduleText: 'L’hôte les fait de lui-même, avec systemd, et en garde autant que vous dites. Rapatriez-les à votre prochaine visite : une sauvegarde à côté de ce qu’elle sauve n’est qu’une demi-sauvegarde.',
  calendar: 'Quand', calendarHint: 'Comme l’écrit systemd : daily, Mon..Fri 03:00, *-*-01 04:30.', keepLast: 'Combien il en garde', scheduleDo: 'Programmer', scheduleOff: 'Plus désormais', scheduled: 'C’est programmé.', unscheduled: 'Plus rien ne se fait de soi-même.',
  times: (calendar, next) => `De lui-même : ${calendar}${next === '' ? '' : `, prochaine ${next}`}.`, timesNone: 'Rien n’a encore eu lieu.', timesGood: (when, name) => `La dernière, ${when}, a fait ${name}.`, timesBad: (when) => `La dernière, ${when}, a échoué.`, timesCut: (when) => `Celle de ${when} n’est pas finie, ou a été interrompue.`,
  collect: 'Rapatrier les nouvelles', collected: (n) => (n === 0 ? 'Rien de nouveau.' : `${many(n, 'archive rapatriée', 'archives rapatriées')}.`),
  prune: 'Faire le tri…', pruneTitle: 'Supprimer les sauvegardes en trop', pruneText: 'Parmi celles de cet hôte qui se trouvent ici. La dernière bonne reste toujours.', pruneKeep: { last: 'Les plus récentes', daily: 'Une par jour, sur des jours', weekly: 'Une par semaine, sur des semaines', monthly: 'Une par mois, sur des mois' }, pruneLook: 'Voir ce qui part', pruneDo: (n) => `Supprimer ${many(n, 'sauvegarde', 'sauvegardes')}`, pruned: (n) => `${many(n, 'sauvegarde supprimée', 'sauvegardes supprimées')}.`, pruneNothing: 'Rien n’est en trop.', goes: 'part',
  why: { last: 'parmi les plus récentes', daily: 'de son jour', weekly: 'de sa semaine', monthly: 'de son mois', 'last-good': 'la dernière bonne', undated: 'sans date' },
  cancel: 'Annuler', working: (name) => `${name} est en route`, checking: (name) => `${name} est relue`, rate: (bytes) => `${bytes}/s`, left: (time) => `encore ${time}`,
};
