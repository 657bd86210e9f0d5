import { many } from './plural.fr';
import type { parcels as english } from './parcels.en';

export const parcels: typeof english = {
  title: 'Transmis', subtitle: 'hôtes et secrets donnés à d’autres, et ce qui n’en a pas changé depuis', new: 'Transmettre…',
  who: 'À qui', whoHint: 'Une personne, une identité, une empreinte ou une clé. Vide : tout le monde.', ask: 'Voir', opening: 'Un colis reçu s’ouvre là où l’on importe les fichiers : Secrets, Importer.',
  empty: 'Rien n’a été transmis', emptyText: 'Un colis contient les hôtes et les secrets choisis, pour les personnes choisies. Il est signé par vous et chiffré pour elles, et ce qu’il contenait reste connu jusqu’à ce que ce soit changé.',
  way: 'Un accès au coffre même : tout ce qu’il contient peut être lu. Retirez-le d’abord, parmi les accès :', pastWay: (day: string) => `Un accès au coffre même, jusqu’au ${day} : tout ce qu’il contenait pouvait être lu, et les copies d’alors s’ouvrent encore avec :`, protected: 'Les paliers qui ont leur propre secret ne sont pas dans cette liste ; s’il était connu aussi, changez-le et ce qu’ils contiennent :', sealed: (n: number) => `${many(n, 'fiche', 'fiches')} dans des paliers scellés : descellez-les pour voir ce qu’elles disent.`,
  holds: (secrets: number, hosts: number) => `${many(secrets, 'secret', 'secrets')}, ${many(hosts, 'hôte', 'hôtes')}`, open: (n: number) => `${n} inchangés depuis`, toChange: (n: number) => `Encore utilisables : ${many(n, 'secret', 'secrets')}`,
  rotate: 'à remplacer, depuis sa propre page', byHand: 'à changer à la main, là où il sert', gone: 'plus dans le coffre : il ouvre peut-être encore ce qu’il ouvrait',
  makeTitle: 'Transmettre des hôtes et des secrets', makeText: 'Les hôtes amènent ce qui sert à s’y connecter et les hôtes qui y mènent. Les anciennes valeurs, les clés d’autorités et les accès au coffre ne partent jamais.',
  whom: 'Pour', nobody: 'Aucune identité connue que la vôtre : importez la leur, ou indiquez une clé ci-dessous.', keys: 'Autres clés', keysHint: 'Une par ligne : age1…, ssh-ed25519 … ou ssh-rsa …', person: 'Personne', personHint: 'À qui c’est donné, pour le retrouver quand elle partira. Peut rester vide.',
  find: 'Seulement les noms contenant', hosts: 'Hôtes', secrets: 'Secrets', noneFound: 'Aucun.', only: 'Seulement ce qui est choisi : ni ce qui sert à se connecter aux hôtes, ni les hôtes qui y mènent', path: 'Fichier', suggested: 'colis.age', look: 'Voir ce qui part',
  for: 'Pour', host: 'hôte', secret: 'secret', through: 'sur le chemin d’un autre', opens: 'ouvre', proof: 'Ouvrez le coffre encore une fois : les personnes nommées pourront lire tout le fichier.', make: 'Signer et écrire', making: 'Écriture…',
  made: (secrets: number, hosts: number) => `${many(secrets, 'secret', 'secrets')} et ${many(hosts, 'hôte', 'hôtes')} dans`, tell: 'Donnez votre empreinte de vive voix à qui l’ouvrira :',
  signedKnown: 'Signé par', signedCompared: 'Signé par quelqu’un dont vous avez comparé l’empreinte :', signedAt: (time: string) => `fait le ${time}`, older: (time: string) => `Plus ancien que celui du ${time} de la même personne : rien de ce qui est ici ne change sans votre accord.`,
  compare: 'Appelez cette personne : si l’empreinte qu’elle vous lit est celle-ci, tapez-la ou collez-la ici.', from: 'Empreinte qu’elle vous a donnée', recipient: 'Pour age', copyRecipient: 'Copier',
};
