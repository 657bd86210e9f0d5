import { number } from './plural.fr';
import type { processes as english } from './processes.en';

/** Les mots des processus que maintiennent les gestionnaires de services. */
export const processes: typeof english = {
  title: 'Processus', section: 'Processus', search: 'Nom, mots, PID', keeper: 'Maintenu par', anyKeeper: 'tout gestionnaire', anyState: 'tout état', all: 'Aussi ce qui dort', readAgain: 'Relire',
  summary: (shown, total, failed) => `${number(shown)} sur ${number(total)}${failed > 0 ? `, ${number(failed)} en échec` : ''}`, readAt: (age) => (age === 'à l’instant' ? 'lus à l’instant' : `lus il y a ${age}`),
  partlyRead: 'Tout n’a pas pu être lu.', whys: { 'not-allowed': 'le compte n’en a pas le droit', 'no-program': 'son programme n’est pas là', failed: 'son programme a échoué', cut: 'il y en a plus qu’on n’en lit' },
  columns: { name: 'Nom', state: 'État', boot: 'Au démarrage', memory: 'Mémoire', restarts: 'Relances', description: 'Ce que c’est' },
  states: { running: 'fonctionne', starting: 'démarre', stopping: 's’arrête', stopped: 'arrêté', failed: 'en échec' },
  yes: 'démarre', no: 'ne démarre pas', byOthers: 'par d’autres', masked: 'masqué', maskedText: 'Il est masqué : rien ne peut le démarrer.', triggered: 'Il peut revenir peu après son arrêt, par',
  noKeeper: 'Pas de gestionnaire de services ici', noKeeperText: 'Ni systemd, ni OpenRC, ni pm2 n’a répondu. Ce qui tourne ici est maintenu par quelque chose d’inconnu, ou par rien.',
  noneMatches: 'Aucun processus ne correspond.', nothing: 'Aucun processus n’a tous ces mots avec ce gestionnaire et cet état.',
  changes: { start: 'Démarrer', stop: 'Arrêter', restart: 'Redémarrer', enable: 'Activer au démarrage', disable: 'Désactiver au démarrage' }, logs: 'Journaux',
  saved: 'Dans la liste de pm2', instances: (n) => `${number(n)} exemplaires`, since: 'Depuis', kind: 'Genre', oneshot: 'fait une chose et se termine', aliases: 'Aussi appelé', definition: 'Défini dans', logFiles: 'Écrit dans',
  logsTitle: (name) => `Ce que ${name} a écrit`, logsEmpty: 'Rien n’a été écrit.', follow: 'Suivre',
};
