import type { fleetList as english } from './fleet.en';
import { many, number } from './plural.fr';

export const fleetList: typeof english = {
  filter: 'Filtrer, ou tag:web and not stage:prod', completions: 'Ce que cela peut devenir',
  notSelector: 'Ce n’est pas un sélecteur.', near: (at: number) => `Incompris, au caractère ${number(at)} :`, unfinished: 'Il manque quelque chose à la fin.', noSuchHost: 'Aucun hôte ne porte ce nom :',
  nothingMatchesText: 'Les mots cherchent dans les noms, adresses, étiquettes et versions. Avec tag:, stage:, role:, and, or, not et des parenthèses, c’est un sélecteur, comme en ligne de commande.',
  tabs: { all: 'Tous', attention: 'À surveiller', updates: 'Mises à niveau', certificates: 'Certificats', disk: 'Disque', unreachable: 'Injoignables' },
  columns: { host: 'Hôte', address: 'Adresse', stage: 'Palier', role: 'Rôle', version: 'Version', updates: 'Mises à niveau', certificate: 'Cert.', attention: 'À surveiller', services: 'Services', people: 'Comptes', disk: 'Disque', load: 'Charge', uptime: 'Allumé', tags: 'Étiquettes', facts: 'Relevé' },
  appUnit: (n: number) => (n < 2 ? 'app' : 'apps'), packageUnit: (n: number) => (n < 2 ? 'paquet' : 'paquets'), security: (n: number) => `${number(n)} sécurité`,
  certificateEnds: (day: string) => `Le premier certificat expire le ${day}.`, ended: 'expiré', failed: (n: number) => many(n, 'en panne', 'en panne'), readAgo: (age: string) => `Lu il y a ${age}`,
  group: 'Grouper', groups: { none: 'Sans groupe', stage: 'Par palier', tag: 'Par étiquette' }, untagged: 'Sans étiquette', wanting: (n: number) => `${number(n)} à surveiller`,
  columnMenu: 'Colonnes', resetColumns: 'Les colonnes habituelles', columnEarlier: (column: string) => `${column} : une place plus tôt`, columnLater: (column: string) => `${column} : une place plus tard`,
  views: 'Vues gardées', noViews: 'Aucune vue gardée. Une vue est une recherche avec son onglet, son ordre, ses groupes et ses colonnes.', viewName: 'Garder cette vue sous', keepView: 'Garder', replaceView: 'Remplacer', viewKept: (name: string) => `La vue ${name} est gardée.`, removeView: (name: string) => `Retirer la vue ${name}`, viewRemoved: (name: string) => `La vue ${name} est retirée.`, viewBack: (name: string) => `La vue ${name} est de nouveau là.`, viewsWhere: 'Gardées dans le coffre, chiffrées avec lui : leurs noms peuvent nommer des clients.',
};
