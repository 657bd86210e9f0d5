import { many } from './plural.fr';
import type { ynhFleet as words } from './ynh-fleet.en';

/** Les mots de l’écran de plusieurs YunoHost, et de ce qui est lu d’un seul. */
export const ynhFleet: typeof words = {
  title: 'YunoHost', filter: 'Filtrer', refresh: 'Tout relire', state: 'État', hosts: 'Hôtes', host: 'Hôte', where: 'Où', system: 'système',
  views: { versions: 'Versions', apps: 'Applications', upgrades: 'Mises à niveau', certificates: 'Certificats', diagnosis: 'Diagnostic', backups: 'Sauvegardes' },
  instances: (count) => many(count, 'instance', 'instances'), oldest: (age) => `relevé le plus ancien : ${age === 'à l’instant' ? 'à l’instant' : `il y a ${age}`}`,
  ago: (age) => (age === 'à l’instant' ? 'à l’instant' : `il y a ${age}`), behind: 'en retard', important: 'lire d’abord ses notes', never: 'jamais', notKnown: 'inconnu',
  kinds: { app: 'application', package: 'paquet', migration: 'migration' },
  issuers: { selfsigned: 'auto-signé', letsencrypt: 'Let’s Encrypt', other: 'autre' },
  statuses: { ERROR: 'erreur', WARNING: 'avertissement', SUCCESS: 'bien', INFO: 'note' },
  states: { upgradable: 'peut être mise à niveau', up_to_date: 'à jour', url_required: 'absente du catalogue', bad_quality: 'non garantie', fail_requirements: 'exige un autre YunoHost', selfsigned: 'auto-signé', letsencrypt: 'Let’s Encrypt', other: 'autre', good: 'bon', valid: 'bon', expired: 'expiré', abouttoexpire: 'expire bientôt', app: 'application', package: 'paquet', migration: 'migration', pending: 'en attente', skipped: 'passée', done: 'faite', ERROR: 'erreur', WARNING: 'avertissement', SUCCESS: 'bon', INFO: 'note' },
  groups: { trouble: 'À regarder', isolated: 'Dit seulement qu’il n’y a pas Internet', ignored: 'Ignorés' },
  lastBackup: 'Dernière sauvegarde', newest: 'Archive la plus récente', archives: 'Archives', programs: 'Autres programmes',
  selected: (count) => many(count, 'ligne cochée', 'lignes cochées'), onHosts: (count) => `sur ${many(count, 'hôte', 'hôtes')}`,
  actions: { upgrade: 'Mettre à niveau…', renew: 'Renouveler…', ignore: 'Ignorer…', unignore: 'Ne plus ignorer…', diagnose: 'Diagnostiquer…', update: 'Chercher des mises à jour…', backup: 'Sauvegarder…' },
  notRead: (count) => `${many(count, 'hôte n’a pas été lu', 'hôtes n’ont pas été lus')}, ou pas relu :`,
  emptyTitle: 'Aucun YunoHost n’est encore connu', emptyText: 'Ce qui se trouve ici vient du dernier relevé de chaque hôte. Ajoutez un hôte qui a YunoHost et lisez-le une fois ; cet écran marche ensuite aussi hors ligne.', toFleet: 'Vers le parc',
  nothing: { versions: 'Aucune version n’est connue.', apps: 'Aucune application n’est installée.', upgrades: 'Rien n’attend d’être mis à niveau, à ce que savaient les hôtes quand ils ont été lus.', certificates: 'Aucun certificat n’est connu.', diagnosis: 'Le diagnostic n’a rien trouvé, ou n’a jamais été fait : cochez des hôtes sous Versions et choisissez Diagnostiquer.', backups: 'On ne sait rien des sauvegardes.' },
  noMatch: 'Aucune ligne n’a tous ces mots.', detail: 'Plus sur cette ligne',
  sections: { diagnosis: 'Diagnostic', upgrades: 'Mises à niveau', dns: 'DNS et certificats', ynhlogs: 'Journal de YunoHost', facts: 'Autres relevés' },
  readAt: (age) => (age === 'à l’instant' ? 'lu à l’instant' : `lu il y a ${age}`), readAgain: 'Relire', empty: 'Rien.', fine: 'Le dernier diagnostic n’a trouvé aucun problème, ou il n’y en a pas encore eu.', log: 'Journal', show: 'Montrer', records: 'Enregistrements DNS', domains: 'Domaines et certificats', check: 'Vérifier depuis cette machine',
  checkText: 'On interroge le résolveur de cette machine, qui peut voir d’autres enregistrements que le reste du monde, et seulement ceux qui mènent à une adresse.',
  upgradeSystem: 'Mettre à niveau le système…', upgradeApps: 'Mettre à niveau les applications…', copy: 'Copier', copied: 'Les enregistrements sont dans le presse-papiers.', back: 'Retour à la liste',
  facts: { 'settings-list': 'Réglages', 'firewall-list': 'Pare-feu', 'regen-conf-diff': 'Configuration modifiée', 'migration-list': 'Migrations', 'group-list': 'Groupes', 'permission-list': 'Permissions', 'backup-list': 'Archives' }, yes: 'oui', no: 'non',
};
