import type { terminal as words } from './terminal.en';
import { many, number } from './plural.fr';

/** Les mots des terminaux. */
export const terminal: typeof words = {
  title: 'Terminaux', tabs: 'Terminaux ouverts', new: 'Nouveau terminal', newOn: 'Nouveau terminal…', newTitle: 'Ouvrir un terminal', host: 'Sur l’hôte', asRoot: 'En root, par sudo', noHost: 'Aucun hôte ne porte ce nom.', moreHosts: (n: number) => `Et ${many(n, 'autre', 'autres')} : tapez la suite du nom.`,
  empty: 'Aucun terminal n’est ouvert', emptyText: 'Un terminal est un shell sur un hôte. Ce qu’on y tape a lieu aussitôt, sans plan. Ouvrez-en un ici, sur la page d’un hôte, ou avec « Terminal sur… » dans la palette.',
  button: 'Terminal', on: (host: string) => `Terminal sur ${host}`, closeOne: (host: string) => `Fermer le terminal sur ${host}`, acting: 'Ce qu’on tape a lieu aussitôt.',
  leaveHint: 'quitte le terminal', paletteHint: 'palette', search: 'Chercher', next: 'Suivant', previous: 'Précédent', found: (at: number, of: number) => (of === 0 ? 'rien trouvé' : at === 0 ? `${many(of, 'trouvé', 'trouvés')}` : `${number(at)} sur ${number(of)}`),
  states: { opening: 'ouverture', asking: 'en attente', taken: 'dans une autre fenêtre', ended: 'terminé', failed: 'non connecté' }, taken: 'Ce terminal est maintenant affiché dans une autre fenêtre.', elsewhere: (n: number) => `${many(n, 'terminal est ouvert', 'terminaux sont ouverts')} ailleurs : dans une autre fenêtre, ou depuis avant le chargement de cette page. Ce qui a été écrit jusqu’ici n’est pas remontré.`, takeOver: 'Afficher ici', opening: (host: string) => `Ouverture d’un shell sur ${host}…`, asking: 'Un shell fait aussitôt ce qu’on tape.', open: 'Ouvrir',
  lost: 'Ce qui tournait dans ce shell s’est peut-être arrêté avec elle. Ce qui était affiché reste ici.', gap: (n: number) => `Il manque ${many(n, 'octet', 'octets')} ici : personne ne les a lus à temps`,
  reconnect: 'Reconnecter', again: 'Ouvrir à nouveau', close: 'Fermer', ended: (how: string) => `Le shell s’est terminé : ${how}`, endedUnknown: 'L’hôte a mis fin au shell.',
  closeTitle: (host: string) => `Fermer le terminal sur ${host} ?`, closeText: 'Le shell se termine, avec ce qui y tourne.', closeDo: 'Le fermer',
  paste: 'Coller', pasteTitle: 'Coller ce texte ?', pasteText: 'Le texte, tel qu’il serait envoyé', pasteMore: (n: number) => `Et ${many(n, 'caractère de plus, envoyé', 'caractères de plus, envoyés')} aussi.`, pasteTooLong: 'Plus de 1 Mio ne se colle pas : copiez-le vers l’hôte comme fichier.',
  menu: { copy: 'Copier', selectAll: 'Tout sélectionner', clear: 'Effacer ce qui est affiché', pasteByKey: (key: string) => `Appuyez sur ${key} : la fenêtre ne peut pas lire le presse-papiers d’elle-même.` },
  dangers: { lines: 'Il a des fins de ligne : un shell exécute chaque ligne dès qu’elle est là.', controls: 'Il a des caractères qu’on ne voit pas. Ils peuvent faire autre chose que ce que dit le texte.', long: 'Il est long.' },
  textSize: 'Taille du texte', reader: 'Dire à un lecteur d’écran ce qui s’écrit', tooMuch: 'Trop pour être dit : lisez-le ligne par ligne.', readerText: 'L’affichage en est plus lent.',
  keys: { rest: 'Toute autre touche va à l’hôte, Ctrl K et Ctrl L aussi.' },
};
