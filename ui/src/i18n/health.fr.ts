import type { health as english, scanning as englishScanning } from './health.en';
import { many, number } from './plural.fr';

/** Les mots de la recherche de secrets dans des fichiers. */
export const scanning: typeof englishScanning = {
  open: 'Fouiller des fichiers', title: 'Des secrets où il n’en faut pas', text: 'Un dossier ou un dépôt git de cette machine est examiné. Rien n’en sort, et rien n’y est changé.',
  folder: 'Dossier', choose: 'Choisir un dossier…', what: 'Quoi',
  whats: { files: 'Les fichiers que git n’ignore pas', all_files: 'Tous les fichiers', staged: 'Ce que le prochain commit ajouterait', history: 'L’historique de toutes les branches' },
  values: 'Chercher aussi les valeurs des secrets de ce coffre', begin: 'Chercher', cancel: 'Arrêter', looking: (n) => `${many(n, 'fichier examiné', 'fichiers examinés')}…`,
  found: (n) => (n === 0 ? 'Rien n’a été trouvé.' : `${many(n, 'constat', 'constats')}, par leur place seulement.`), looked: (n, size) => `${many(n, 'fichier', 'fichiers')}, ${size}`, stopped: 'Arrêté : le reste n’a pas été examiné.',
  passed: (binary, large, unreadable) => `Non examinés : ${number(binary)} qui ne sont pas du texte, ${number(large)} de plus de 10 Mio, ${number(unreadable)} illisibles.`,
  untold: (n) => `${many(n, 'autre constat non montré', 'autres constats non montrés')}.`, line: (n) => `ligne ${number(n)}`, known: (name) => `la valeur de ${name}`, commit: (id) => `commit ${id}`,
  first: (n) => `Les ${number(n)} premiers sont montrés ; la ligne de commande les dit tous.`,
  hook: 'Chercher avant chaque commit', hookText: 'Écrit un hook pre-commit dans ce dépôt : ce qui va être enregistré est examiné selon les règles. Un hook à vous n’est jamais changé.', hooked: (path) => `Écrit : ${path}`, hookThere: (path) => `Il y est déjà : ${path}`, unhook: 'Retirer le hook', unhooked: (path) => `Retiré : ${path}`, hookNone: 'Il n’y en a pas.',
};

/** Les mots de la santé des secrets, et des codes à usage unique. */
export const health: typeof english = {
  title: 'Santé', of: (n) => `de ${many(n, 'secret', 'secrets')}`, show: 'Santé des secrets', looking: 'Examen des secrets…', again: 'Réexaminer',
  sums: { weak: 'faibles, moins de 45 bits', reused: (groups) => `réutilisés, en ${many(groups, 'groupe', 'groupes')}`, old: (days) => `plus vieux que ${many(Math.round(days / 365), 'an', 'ans')}`, unused: 'inutilisés depuis un an' },
  faults: { leaked: 'Divulgué', weak: 'Faible', expired: 'Expiré', reused: 'Réutilisé', weak_key: 'Clé faible', password_login: 'Accès par mot de passe', shared_key: 'Clé partagée', old: 'Ancien', unused: 'Inutilisé' },
  worst: 'Le pire d’abord', all: (n) => `Voir ${many(n, 'constat', 'constats')}`, fewer: 'Le pire seulement', well: 'Rien à leur reprocher.',
  sealed: (n, stage) => `Non examinés : ${many(n, 'secret', 'secrets')} du palier scellé ${stage}.`,
  hostsUnknown: (n) => `Pour ${many(n, 'hôte', 'hôtes')}, on ne sait pas si les mots de passe sont acceptés.`,
  keysUnknown: (n) => `${many(n, 'clé illisible', 'clés illisibles')} : la phrase de passe n’est pas conservée.`,
  leakedUnknown: (n) => `Pour ${many(n, 'mot de passe', 'mots de passe')}, on ne sait pas s’ils ont été divulgués : il manque au dossier le fichier entier de leur plage.`,
  leakedFolder: 'Dans un dossier de plages…', stale: 'Des secrets ont changé depuis : la fuite n’a pas été relue.',
  leaked: 'Chercher des mots de passe divulgués…', leakedHint: 'Un fichier ou un dossier d’empreintes SHA-1 de cette machine ; aucun service n’est interrogé.', noLeaked: 'Mots de passe divulgués non recherchés.', leakedLooked: 'Mots de passe divulgués recherchés.',
  code: 'Montrer le code', codeTitle: (name) => `Code à usage unique de ${name}`, copyCode: 'Copier le code', codeCopied: 'Code copié', left: (left) => `encore ${left}`,
};
