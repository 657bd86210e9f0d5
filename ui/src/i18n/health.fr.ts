import type { health as english } from './health.en';
import { many } from './plural.fr';

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
