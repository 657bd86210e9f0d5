import type { guests as english } from './guests.en';
import { many, number } from './plural.fr';

/** Les mots des invités : conteneurs et machines virtuelles des hôtes. */
export const guests: typeof english = {
  title: 'Invités', search: 'Nom, adresse, image', refresh: 'Relire', refreshOne: (host) => `Relire les invités de ${host}`, readAgain: 'Relire',
  summary: (guests, hosts, running) => `${number(guests)} sur ${many(hosts, 'hôte', 'hôtes')}, ${number(running)} en marche`, count: (n) => many(n, 'invité', 'invités'),
  empty: 'Aucun invité connu pour l’instant', emptyText: 'Un invité est un conteneur ou une machine virtuelle qu’un hôte garde avec LXC, Incus, LXD ou Proxmox VE. Lisez vos hôtes une fois : chacun dit ce qu’il garde, et rien n’y est changé. On entre ensuite dans chaque invité comme dans un hôte, sans serveur SSH à l’intérieur.',
  look: (n) => `Lire ${many(n, 'hôte', 'hôtes')}`, nothingMatches: 'Aucun invité n’a tous ces mots dans son nom, son adresse ou son image.', notRead: (n) => (n === 1 ? 'Non lu cette fois :' : `${number(n)} hôtes non lus cette fois :`), partlyRead: 'Tout n’a pas pu être lu.',
  sealedHosts: (n) => `${many(n, 'hôte est scellé', 'hôtes sont scellés')} : ce qu’ils gardent se voit une fois leur palier descellé.`,
  whys: { 'not-allowed': 'le compte n’en a pas le droit', failed: 'son programme a échoué', cut: 'la réponse était trop longue', 'not-understood': 'la réponse n’a pas été comprise', 'not-answered': 'la réponse s’est arrêtée avant' },
  columns: { name: 'Hôte et invité', state: 'État', runs: 'Système', memory: 'Mémoire', disk: 'Disque', address: 'Adresse', snapshots: 'Instantanés', presence: 'Connu' },
  states: { running: 'en marche', stopped: 'arrêté', frozen: 'gelé', starting: 'démarre', stopping: 's’arrête', error: 'en erreur', unknown: 'inconnu' },
  presences: { present: 'sur son hôte', declared: 'au catalogue', both: 'les deux' },
  notThere: 'absent', notRunning: 'à l’arrêt', declaredOnly: 'Le catalogue l’a, son hôte ne l’a pas : il y a été supprimé, ou son hôte n’a pas été lu depuis sa création.',
  of: (used, limit) => `${used} sur ${limit}`, upTo: (limit) => `jusqu’à ${limit}`, noLimit: 'sans limite', promised: (bytes) => `${bytes} promis`, promisedMore: (free, unlimited) => `Mémoire promise aux invités ; ${free} libres pour l’instant${unlimited > 0 ? `, et ${many(unlimited, 'invité n’a', 'invités n’ont')} pas de limite` : ''}.`,
  facts: 'Faits', driver: 'Tenu par', number: 'Numéro', kind: 'Genre', kinds: { container: 'conteneur', vm: 'machine virtuelle' }, unprivileged: 'sans privilèges', privileged: 'privilégié', template: 'modèle', ephemeral: 'disparaît à l’arrêt', image: 'Image', description: 'Description', made: 'Créé', up: 'Allumé depuis', withHost: 'Avec son hôte', yes: 'démarre', no: 'ne démarre pas', root: 'Racine', mark: 'Spécification',
  limits: 'Limites', interfaces: 'Interfaces', volumes: 'Volumes', ports: 'Ports', profiles: 'Profils', groups: 'Groupes', readOnly: 'lecture seule', stateful: 'avec la mémoire', locked: 'Son hôte le retient :', noName: 'Son nom a des caractères qu’aucun nom d’hôte ne peut avoir : on ne peut pas y entrer d’ici.',
  openHost: 'Ouvrir comme hôte', console: 'Console', logs: 'Journaux', logsTitle: (guest) => `Ce qui a été écrit sur ${guest}`, logsFrom: 'De', logsDriver: 'Son pilote', logsConsole: 'Sa console', logsEmpty: 'Rien n’a été écrit.',
  actions: { start: 'Démarrer', stop: 'Arrêter…', restart: 'Redémarrer…', freeze: 'Geler', unfreeze: 'Dégeler', 'snapshot-create': 'Instantané…', set: 'Limites…', copy: 'Copier…', rename: 'Renommer…', delete: 'Supprimer…' },
  notNow: (state) => `Pas dans cet état : ${state}.`, restore: 'Restaurer', removeSnapshot: (name) => `Supprimer l’instantané ${name}`,
  changeTitles: { stop: (guest) => `Arrêter ${guest}`, restart: (guest) => `Redémarrer ${guest}`, 'snapshot-create': (guest) => `Un instantané de ${guest}`, set: (guest) => `Limites de ${guest}`, copy: (guest) => `Copier ${guest}`, rename: (guest) => `Renommer ${guest}`, delete: (guest) => `Supprimer ${guest}` },
  seePlan: 'Voir le plan', seconds: 'Secondes pour s’arrêter de lui-même', secondsHint: 'S’il est encore en marche après, il y reste, et le travail le dit.', secondsWrong: 'Entre 1 et 3600.', force: 'L’arrêter d’un coup, comme en débranchant la prise',
  snapshotName: 'Nom de l’instantané', newName: 'Nouveau nom', nameHint: 'Des lettres, des chiffres et des tirets ; il commence par une lettre.', nameWrong: 'Il commence par une lettre, n’a que des lettres, des chiffres et des tirets, 40 au plus.',
  memory: 'Mémoire, en Mio', memoryHint: 'Vide : toute celle de son hôte.', processors: 'Processeurs', processorsHint: 'Comme 2 ou 1,5. Vide : tous ceux de son hôte.', disk: 'Disque, en Mio', diskHint: 'Une racine peut grandir, pas rétrécir.', autostart: 'Il démarre avec son hôte', numberWrong: 'Ce n’est pas un tel nombre.',
  deleteText: (snapshots) => `Sa racine disparaît pour de bon${snapshots > 0 ? `, avec ${many(snapshots, 'instantané', 'instantanés')}` : ''}. Le plan vient d’abord, et demande son nom.`, deleteVolumes: (n) => `Supprimer aussi ${many(n, 'volume', 'volumes')}`, volumesGo: 'Ce qu’il y a dans ses volumes est perdu aussi.',
  asAsked: 'Tout est déjà comme demandé : il n’y a rien à faire.', create: 'Créer un invité…', rebuild: 'Spécification…', imagesOpen: 'Images…', waysOpen: 'Chemins',
  spec: {
    create: 'Créer un invité', rebuildTitle: (guest) => `Spécification de ${guest}`, text: 'Spécification', textHint: 'TOML : image, service, paquets, fichiers, environnement, volumes, ports, limites, compte, contrôle de santé. Le guide donne chaque clé.',
    host: 'Hôte', name: 'Nom', folder: 'Dossier des fichiers qui l’accompagnent', folderHint: 'Ce que la spécification nomme par un chemin est pris ici.', rebuild: 'Remplacer sa racine s’il est déjà là ; ses volumes restent', stage: 'Selon les règles de', stageHint: 'Ce qu’un palier signale, un autre le refuse.',
    findings: 'Ce qui s’y oppose', well: 'Rien ne s’y oppose.', levels: { fault: 'faute', refuse: 'refusé', warn: 'avertissement' }, whole: 'dans l’ensemble', line: (n) => `ligne ${number(n)}`, sending: 'Ce qu’il faut est envoyé à l’hôte…',
  },
  images: {
    title: 'Images', none: 'Cet hôte n’a pas encore d’image.', take: 'En prendre une', text: 'Un fichier de cet ordinateur : un système de fichiers racine, un modèle de Proxmox, ou une image d’Incus ou de LXD ; avec le fichier qui la décrit s’il y en a deux. On peut déposer les fichiers ici. Elle est envoyée une fois, puis ce qui diffère.',
    remove: (name) => `Supprimer ${name}`, leave: (path) => `Laisser ${path}`, name: 'Son nom là-bas', nameHint: 'Comme le fichier, s’il est vide.', anyDriver: 'celui d’usage', digestHint: 'Que le fichier doit avoir : celui qui le donne le dit.', digestWrong: '64 chiffres, de 0 à 9 et de a à f.',
  },
  ways: {
    of: 'Chemins vers', title: (guest) => `Chemins vers ${guest}`, which: 'Quel chemin', looking: 'On regarde…', notTested: 'tel qu’il est réglé, non éprouvé', testedAgo: (age) => (age === 'à l’instant' ? 'chaque étape éprouvée à l’instant' : `chaque étape éprouvée il y a ${age}`), test: 'Éprouver chaque étape', none: 'Aucun nom et aucun port de son hôte ne mène dans cet invité.',
    hops: { name: 'Nom', router: 'Routeur', firewall: 'Pare-feu', entry: 'Hôte', way: 'Relais', guest: 'Invité', process: 'Processus', answer: 'Réponse' }, states: { fine: 'bien', broken: 'rompu', unclear: 'inconnu' },
    breaks: (hop) => `Le chemin se rompt ici : ${hop}.`, copy: 'Copier quoi faire', copied: 'C’est dans le presse-papiers.',
  },
};
