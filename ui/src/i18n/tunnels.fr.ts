import { many } from './plural.fr';
import type { tunnels as words } from './tunnels.en';

/** Les mots des tunnels. */
export const tunnels: typeof words = {
  section: 'Tunnels', text: 'Un port de cet ordinateur qui mène à travers l’hôte, comme avec ssh -L. Quiconque utilise cet ordinateur peut s’en servir, jusqu’à ce qu’il soit fermé, le coffre verrouillé ou le palier scellé.',
  webAdmin: 'Ouvrir l’administration web', webAdminText: 'Le navigateur avertit au sujet du certificat : le nom de son adresse n’est pas celui pour lequel le certificat de l’hôte est fait.', browse: 'Navigateur',
  address: 'Adresse, vue de l’hôte', addressHint: 'Par exemple 127.0.0.1, ou un nom du réseau où se trouve l’hôte.', port: 'Son port', here: 'Port ici', hereHint: 'Un port libre, si le champ est vide.',
  socks: 'Chaque programme dit où aller, par SOCKS 5', open: 'Ouvrir le tunnel', close: 'Fermer', closed: 'Le tunnel est fermé.', copy: 'Copier l’adresse', copied: 'L’adresse est dans le presse-papiers.', empty: 'Aucun tunnel à travers cet hôte n’est ouvert.',
  columns: { here: 'Ici', end: 'Mène à', opened: 'Ouvert depuis', connections: 'Connexions', actions: 'Ce qui peut être fait' }, connections: (open: number, served: number) => `${many(open, 'ouverte', 'ouvertes')}, ${many(served, 'servie', 'servies')}`,
};
