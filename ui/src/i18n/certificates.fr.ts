import { many } from './plural.fr';
import type { certificates as english } from './certificates.en';

/** Les mots des autorités privées et de leurs certificats. */
export const certificates: typeof english = {
  title: 'Certificats', count: (n) => many(n, 'certificat', 'certificats'),
  empty: 'Pas encore d’autorité', emptyText: 'Là où Let’s Encrypt n’a pas accès, le coffre peut signer des certificats lui-même. Sa clé reste dans le coffre ; chacun fait confiance à son certificat une fois sur ses appareils, avec une trousse que vous lui remettez.',
  make: 'Créer une autorité…', issue: 'Établir un certificat…', renewDue: (n) => `Renouveler ${many(n, 'certificat qui arrive à échéance', 'certificats qui arrivent à échéance')}`, refresh: 'Relire',
  authorities: 'Autorités', issued: 'Établis',
  columns: { names: 'Noms', host: 'Hôte', authority: 'Autorité', until: 'Valable jusqu’au', days: 'Jours', state: 'État' },
  states: { revoked: 'révoqué', ended: 'expiré', due: 'à renouveler', there: 'sur son hôte', notThere: 'pas encore apporté' },
  keptTo: (domains) => `Limitée à ${domains}`, everywhere: 'Signe pour tout nom', days: (n) => (n < 0 ? 'expirée' : many(n, 'jour restant', 'jours restants')), signed: (n) => many(n, 'certificat', 'certificats'), revokedCount: (n) => (n > 1 ? `${String(n)} révoqués` : `${String(n)} révoqué`),
  kit: 'Trousse de confiance…', kitText: 'Un dossier pour Windows, macOS, iPhone, Android, Linux et Firefox. Rien n’y est secret.', kitDone: (path) => `La trousse de confiance est dans ${path}. Donnez l’empreinte par une autre voie que le dossier.`, kitSuggested: 'trousse-de-confiance', exportCertificate: 'Enregistrer le certificat…', exportList: 'Enregistrer la liste des révocations…', saved: (path) => `${path} est écrit.`,
  fingerprint: 'Empreinte (SHA-256)', copy: 'Copier l’empreinte', copied: 'L’empreinte est dans le presse-papiers.', serial: 'Numéro', key: 'Clé', stage: 'Palier', pushed: 'Apporté à son hôte', never: 'jamais',
  push: 'L’apporter à son hôte…', back: 'Remettre le précédent…', renew: 'Renouveler', revoke: 'Révoquer…', noHost: 'Il n’est destiné à aucun hôte : copiez-le à la main.', unsealFirst: 'Le palier de son autorité est scellé.',
  renewed: (n) => `${many(n, 'certificat a', 'certificats ont')} une nouvelle clé. Les hôtes présentent les anciens tant que les nouveaux n’y sont pas.`, revokedNow: (name) => `${name} est révoqué.`, revokeTitle: (name) => `Révoquer le certificat de ${name} ?`, revokeText: 'Il entre dans la liste que son autorité signe. Ce que l’hôte présente reste tel quel, et les appareils qui n’ont pas la liste l’acceptent jusqu’à son échéance.', revokeDo: 'Révoquer',
  makeTitle: 'Créer une autorité', name: 'Nom', nameHint: 'On le voit sur les appareils : le nom du foyer, de l’école, de l’entreprise.', permitted: 'Limitée à ces domaines', permittedHint: 'Avec tout ce qui est en dessous, un par ligne. Les appareils ne la croient alors pour rien d’autre. Vide : tout nom.', makeStage: 'Palier', makeStageHint: 'Sa clé y est scellée. Un palier à elle peut être protégé par un secret à lui.', makeDo: 'Créer', made: (name) => `L’autorité ${name} est créée. Écrivez maintenant sa trousse de confiance.`,
  issueTitle: 'Établir un certificat', names: 'Noms', namesHint: 'Le principal d’abord, un par ligne. *.lan.example est tout nom juste en dessous.', host: 'Pour l’hôte', noHostOption: 'aucun : je le copie moi-même', authority: 'Autorité', issueDo: 'Établir', issuedNow: (name) => `Le certificat de ${name} est établi.`,
  sealedStages: 'Ce qui est dans des paliers scellés n’est pas montré.', close: 'Fermer',
};
