import { many } from './plural.fr';

/** Where a secret lives, and how it gets a new value there. */
export const rotation = {
  where: 'Où il sert', nowhere: 'Il n’ouvre rien que ce coffre connaisse.',
  uses: { login: 'connexion', second: 'mot de passe en plus de la clé', one_time: 'codes à usage unique', sudo: 'sudo' }, person: (name: string) => `compte YunoHost de ${name}`, next: 'nouvelle valeur',
  opened: (at: string) => `a ouvert ${at}`, never: 'pas encore vu ouvrir', refused: (at: string) => `refusé ${at}`,
  earlier: (at: string) => `une valeur antérieure a ouvert ${at}`, check: 'Interroger les hôtes', earlierKeys: (n: number) => many(n, 'clé antérieure encore autorisée', 'clés antérieures encore autorisées'),
  checks: { opens: 'ouvre, demandé à l’instant', unasked: 'laisse entrer sans le demander', refused: 'refusé : l’hôte a une autre valeur', unknown: 'inconnu' },
  unproven: 'Passé sur la seule parole de l’hôte : rien n’y a demandé la valeur, aucune connexion ne l’a éprouvée.',
  lost: 'L’une de ses deux valeurs n’est plus dans le coffre : elle ne peut qu’être abandonnée. Rien n’est demandé aux hôtes.', giveUp: 'Abandonner',
  rotate: 'Renouveler…', goOn: 'Continuer…', title: (name: string) => `Une nouvelle valeur pour ${name}`, goesOn: (name: string) => `La rotation de ${name}`,
  text: (n: number, next: string) => `Une nouvelle valeur est fabriquée et apportée à ${many(n, 'hôte', 'hôtes')}. Tant que tous ne l’ont pas, c’est le secret ${next} ; rien d’ancien n’est retiré avant que chaque hôte soit éprouvé.`,
  standsText: 'Elle est entre les deux valeurs. Personne n’est enfermé dehors : le coffre a les deux.',
  backText: 'Elle revient en arrière : les hôtes reprennent l’ancienne valeur.',
  keepOld: 'Laisser l’ancienne clé en place sur les hôtes', begin: 'Renouveler', resume: 'Continuer', back: 'Revenir en arrière',
  steps: { waiting: 'rien de fait encore', deploying: 'la valeur y est apportée', deployed: 'la valeur y est', switched: 'éprouvée, et utilisée désormais', revoking: 'l’autre clé en est retirée', done: 'fait' },
  progress: (done: number, total: number) => `${many(done, 'hôte éprouvé', 'hôtes éprouvés')} sur ${total}`,
  over: (name: string) => `${name} est renouvelé sur chaque hôte.`, undone: (name: string) => `${name} a partout son ancienne valeur.`, waits: 'Tous les hôtes n’ont pu être faits. Elle attend ; continuez ou revenez quand vous voulez.',
};
