import type { rescue as english } from './rescue.en';

/** Les mots du retour. */
export const rescue: typeof english = {
  section: 'Secours', text: 'Qui fail2ban tient hors de cet hôte. Lever un bannissement est un plan comme un autre, et l’on vérifie ensuite qu’il est levé.', read: 'Relire', address: 'Adresse', jail: 'Prison', actions: 'Ce qu’on peut faire', lift: 'Lever le bannissement', nobody: 'Personne n’est banni sur cet hôte.',
  own: 'Cet ordinateur est-il banni\u202f?', ownText: 'L’hôte ne répond alors plus ici, mais répond encore aux autres. Par un autre hôte du catalogue qui l’atteint, son parent par exemple, le bannissement de cet ordinateur est levé.', through: 'Par', choose: 'Choisissez un hôte', liftOwn: 'Lever le bannissement de cet ordinateur',
  clock: 'Horloge', clockUnknown: 'L’horloge n’a pas encore été lue.', clockText: (seconds: number) => (seconds === 0 ? 'Au dernier relevé, elle était juste.' : `Au dernier relevé, elle ${seconds < 0 ? 'retardait' : 'avançait'} de ${String(Math.abs(seconds))}\u00a0s sur celle de cet ordinateur.`), setClock: 'La mettre à l’heure de cet ordinateur',
};
