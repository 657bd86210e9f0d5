import type { frame as english } from './shell.en';
import { many, number } from './plural.fr';

const keys: (typeof english)['keys'] = {
  palette: 'Atteindre un hôte, un écran ou une action', sheet: 'Cette liste', help: 'Le chapitre du guide sur cet écran', goBack: 'L’écran précédent', leave: 'Fermer, ou vider la sélection', switchVault: 'Montrer un autre coffre ouvert', undo: 'Reprendre ce qui vient d’être retiré', lockAll: 'Verrouiller tous les coffres ouverts', lock: 'Verrouiller ce coffre', newWindow: 'Une fenêtre de plus',
  zoomIn: 'Texte plus grand', zoomOut: 'Texte plus petit', zoomReset: 'Texte à la taille d’origine',
  move: 'Se déplacer dans une liste', open: 'Ouvrir', filter: 'Aller au filtre', select: 'Sélectionner l’hôte de la ligne', selectAll: 'Sélectionner tous les hôtes affichés', refresh: 'Relire les hôtes', savedView: 'Une vue gardée', otherPane: 'L’autre volet', upFolder: 'Remonter', choose: 'Choisir la ligne', chooseAll: 'Tout choisir', typePath: 'Taper un chemin', copyFile: 'Copier de l’autre côté', makeFolder: 'Nouveau dossier', renameFile: 'Renommer', removeFile: 'Supprimer de l’hôte, après une question', showHidden: 'Fichiers cachés', readFolder: 'Relire le dossier', findOutput: 'Chercher dans la sortie d’une tâche',
  newTerminal: 'En ouvrir un autre sur le même hôte', closeTerminal: 'Le fermer', turnTerminal: 'Précédent, suivant', copyTerminal: 'Copier', pasteTerminal: 'Coller', searchTerminal: 'Chercher', menuTerminal: 'Son menu', leaveTerminal: 'Quitter le terminal, et y revenir', paletteTerminal: 'Palette', reconnectTerminal: 'Reconnecter, si le lien est perdu',
};
const areas: (typeof english)['areas'] = { everywhere: 'Partout', goTo: 'Aller à', lists: 'Listes', fleet: 'Parc', files: 'Fichiers', output: 'Activité', terminal: 'Dans un terminal' };

/** Les mots du cadre autour des écrans. */
export const frame: typeof english = {
  keys, areas,
  undo: 'Annuler', skip: 'Aller au contenu',
  output: {
    find: 'Chercher dans la sortie', findText: 'Texte à trouver', before: 'Le précédent', next: 'Le suivant', looking: 'Recherche…', notFound: 'Absent de cette sortie.', line: (n) => `Ligne ${number(n)}`, lineNumber: 'Numéro de ligne', go: 'Aller',
    earlier: (n) => `${many(n, 'ligne antérieure est', 'lignes antérieures sont')} dans le coffre, pas dans cette fenêtre.`, showEarlier: 'Montrer avant', toStart: 'Au début', later: (n) => `${many(n, 'ligne suivante', 'lignes suivantes')}.`, showLater: 'Montrer après', toEnd: 'À la fin',
  },
  notices: {
    title: 'Notifications', button: (unread) => (unread === 0 ? 'Notifications' : `Notifications : ${many(unread, 'non lue', 'non lues')}`), empty: 'Rien encore. Ce qui se termine pendant que vous regardez ailleurs est dit ici.', clear: 'Vider la liste', show: 'La montrer', inVault: (vault: string, what: string): string => `${vault} : ${what}`,
    job: (failed) => (failed ? 'Une tâche a échoué' : 'Une tâche est terminée'), jobOn: (failed, host) => (failed ? `Une tâche a échoué sur ${host}` : `Une tâche est terminée sur ${host}`), jobs: (well, failed) => (failed === 0 ? `${many(well, 'tâche terminée', 'tâches terminées')}` : `${number(failed)} sur ${many(well + failed, 'tâche en échec', 'tâches en échec')}`), run: (total, failed) => (failed === 0 ? `Une exécution est terminée sur ${many(total, 'hôte', 'hôtes')}` : `Une exécution est terminée : pas faite sur ${number(failed)} de ${many(total, 'hôte', 'hôtes')}`),
    seals: (stage) => `${stage} se scelle dans une minute`, locked: 'Beffroi a verrouillé ses coffres de lui-même', lockedText: 'Personne n’était là, l’écran a été verrouillé, ou la machine s’est mise en veille. Les tâches continuent sur leurs hôtes.', lockedAt: (time) => `Verrouillé de lui-même à ${time}.`, systemBody: 'Beffroi a les détails.',
  },
  zoom: { label: 'Taille du texte', smaller: 'Plus petit', larger: 'Plus grand', reset: 'Réinitialiser', at: (percent) => `Texte à ${number(percent)} %` },
  palette: { recent: 'Utilisé à l’instant', view: (name) => `Parc, vue ${name}`, here: (host) => `Sur ${host}`, survey: 'Le relire', test: 'Essayer ou changer sa connexion', changes: 'Ce qui y a changé', files: 'Copier des fichiers', jobs: 'Ses tâches', newWindow: 'Une fenêtre de plus', help: 'Aide sur cet écran', tour: 'Montrer la visite', notices: 'Notifications', zoomIn: 'Texte plus grand', zoomOut: 'Texte plus petit' },
  first: {
    title: 'Premiers pas', progress: (at, of) => `Étape ${number(at)} sur ${number(of)}`, count: (at, of) => `${number(at)} sur ${number(of)}`, later: 'Plus tard', resume: (done, of) => `Premiers pas : ${number(done)} sur ${number(of)} ${done < 2 ? 'fait' : 'faits'}`, done: 'fait', next: 'ensuite',
    vault: 'Un coffre', vaultDone: (name) => `${name} est créé et chiffré.`,
    host: 'Un hôte', hostText: 'Un nom, une adresse, une clé ou un mot de passe. Vous comparez la clé d’hôte une fois. Rien n’est changé sur l’hôte.', hostDo: 'Ajouter un hôte', hostDone: (n) => `${many(n, 'hôte', 'hôtes')} dans le catalogue.`,
    survey: 'Un premier regard', surveyText: 'Lit l’hôte en quelques secondes et n’y change rien : système, disques, services, mises à jour, certificats.', surveyDo: 'Lire l’hôte', surveying: 'Lecture…', surveyDone: 'L’hôte est lu. Dès maintenant, le parc montre ce qui demande attention.', surveyFailed: 'L’hôte n’a pas été lu. Sa page dit pourquoi.', showHost: 'Montrer l’hôte', whyNot: 'Voir pourquoi',
    all: 'C’est tout', allText: 'Sélectionnez des hôtes et agissez sur eux : vous voyez d’abord un plan, toujours.', close: 'Fermer ces étapes', tour: 'Une visite de la fenêtre', guide: 'Lire le premier chapitre',
  },
  tour: {
    title: 'Visite', at: (n, of) => `${number(n)} sur ${number(of)}`, next: 'Suivant', back: 'Retour', skip: 'Passer la visite', done: 'Terminé',
    stops: {
      lintel: { title: 'Où vous agissez', text: 'Ce bandeau nomme le palier sur lequel vous agiriez, dans sa couleur : développement, préproduction ou production. Regardez-le avant d’appuyer.' },
      rail: { title: 'Où sont les choses', text: 'Hôtes, tâches, exécutions, secrets, journal. Appuyez sur g puis une lettre pour y aller : g f pour le parc.' },
      palette: { title: 'Tout par son nom', text: 'Ctrl K trouve hôtes, secrets, écrans et actions. Ce que vous avez utilisé en dernier vient en tête.' },
      plan: { title: 'Rien sans plan', text: 'Tout ce qui change un hôte est d’abord montré : chaque commande, sur quels hôtes, et le retour. La production demande le nom. Exécuter une commande et un terminal agissent aussitôt, et le disent.' },
      notices: { title: 'Ce qui s’est terminé', text: 'Les tâches terminées, et les paliers près de se sceller, sont dits ici.' },
      lock: { title: 'Verrouiller', text: 'Ctrl L oublie les clés et vide la fenêtre. Cela arrive de lui-même quand vous êtes absent. Les tâches continuent sur leurs hôtes.' },
    },
  },
  guide: { search: 'Chercher dans le guide', results: (n) => (n === 0 ? 'Rien trouvé.' : many(n, 'passage trouvé', 'passages trouvés')), here: 'Aide', onPage: 'Dans ce chapitre', back: 'Où j’étais', link: 'Lien vers cette section', help: 'Aide sur cet écran (F1)' },
  settings: {
    text: 'Texte', textText: 'Ctrl avec plus, moins et 0 fait de même.', locking: 'Verrouillage', lockingText: 'Quand personne n’est là.', lockingMore: 'Ce qui verrouille aussi',
    notices: 'Notifications', noticesText: 'La liste de cette fenêtre les a toujours. Celles du système ne sont montrées que pendant que vous regardez autre chose ; d’autres programmes et l’écran de verrouillage peuvent montrer ce qu’elles disent : elles ne contiennent donc jamais de secrets, de commandes ni de sorties.', system: 'Du système', systems: { off: 'aucune', plain: 'sans noms', hosts: 'avec le nom de l’hôte' },
    terminal: 'Terminal', views: 'Listes', viewsText: 'Colonnes, largeurs et vues des listes comme au début. Rien ne change dans le coffre.', resetViews: 'Réinitialiser les listes', viewsReset: 'Les listes sont comme au début.',
    help: 'Aide', helpText: 'Les étapes d’un coffre vide à un premier regard sur un hôte, et ce qui est où dans cette fenêtre.', tourAgain: 'Montrer la visite', stepsAgain: 'Montrer les premiers pas', windows: 'Fenêtres', windowsText: 'Jusqu’à quatre, sur les mêmes coffres. Verrouiller les vide toutes.', newWindow: 'Une fenêtre de plus', noMoreWindows: 'Quatre fenêtres sont ouvertes : c’est tout.',
    about: 'À propos de Beffroi', version: 'Version', licence: 'Licence', licenceText: 'GPL 3.0 ou ultérieure. Sans aucune garantie.', never: 'Ce qu’il ne fait jamais', nevers: ['Il parle aux hôtes de vos coffres par SSH et à rien d’autre : ni compte, ni nuage, ni télémétrie, ni recherche de mises à jour.', 'La page de cette fenêtre n’envoie aucune requête : polices, icônes et guide sont dedans.', 'Il ne lit le presse-papiers que pour en retirer un secret qu’il y a mis, et quand vous collez.', 'Il ne change rien sur un hôte avant que vous ayez vu le plan, sauf là où il dit agir aussitôt.'],
  },
};
