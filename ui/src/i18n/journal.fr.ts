import type { journalTable as english } from './journal.en';
import { many, number } from './plural.fr';

export const journalTable: typeof english = {
  columns: { number: 'N°', time: 'Heure', event: 'Ce qui s’est passé', host: 'Hôte', person: 'Par', place: 'Dans sa chaîne', seal: 'Sceau', checked: 'Vérifiée' },
  filter: 'Des mots : un hôte, une personne, un événement', looking: (done: number, of: number) => `${many(done, 'entrée parcourue', 'entrées parcourues')} sur ${number(of)}`, found: (n: number) => many(n, 'trouvée', 'trouvées'), stop: 'Arrêter', goOn: 'Chercher plus loin',
  full: (n: number) => `Les ${number(n)} plus récentes qui conviennent ; précisez pour en trouver d’autres.`, nothing: 'Aucune entrée ne contient ces mots', nothingText: 'La recherche porte sur la phrase telle qu’elle est affichée ici, l’hôte, la personne, le numéro et le sceau. Majuscules et accents ne comptent pas.',
  tooMany: (n: number) => `La liste contient les ${number(n)} plus récentes ; inversez-la par le numéro pour les plus anciennes, ou cherchez des mots.`, again: 'Réessayer', unread: 'Lecture…',
  entry: (n: number) => `Entrée ${number(n)}`, chain: 'Chaîne', copy: 'Copier', copied: 'L’entrée est copiée.', ofHost: 'Tout ce qui concerne cet hôte', noHost: 'aucun hôte',
};
