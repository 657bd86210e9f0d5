import { many } from './plural.fr';
import type { beside as english } from './beside.en';

/** Ce qui accompagne la valeur d’un secret, ses fichiers, et la corbeille. */
export const beside: typeof english = {
  title: 'Titre', group: 'Groupe', user: 'Compte', urls: 'Adresses', tags: 'Étiquettes', notes: 'Notes', totp: 'Codes à usage unique', passphrase: 'Phrase de passe de la clé', expires: 'Expire', origin: 'Vient de', fields: 'Champs', files: 'Fichiers', past: 'Valeurs antérieures',
  edit: 'Modifier', editTitle: (name) => `Modifier ${name}`, nothing: 'Rien n’accompagne sa valeur.', save: 'Enregistrer', saved: (name) => `${name} enregistré`,
  show: 'Montrer', copyUser: 'Copier le compte', userCopied: 'Compte copié',
  groupHint: 'Séparés par des barres obliques', urlsHint: 'Une par ligne', tagsHint: 'Séparés par des virgules', notesHint: (has) => (has ? 'Vide : les notes restent telles quelles' : ''), totpHint: 'Une adresse otpauth://', keep: 'Vide : reste tel quel', remove: 'Retirer',
  addField: 'Ajouter un champ', fieldName: 'Nom', fieldValue: 'Valeur', hidden: 'Caché',
  attach: 'Joindre un fichier…', attached: (file) => `${file} joint`, saveFile: (file) => `Enregistrer ${file}`, fileSaved: (path) => `Écrit dans ${path}`, removeFile: (file) => `Retirer ${file} définitivement`, size: (bytes) => bytes,
  until: (at) => `jusqu’au ${at}`, unknown: 'nul ne sait jusqu’à quand', revert: 'Reprendre', reverted: (name) => `${name} a de nouveau sa valeur antérieure`,
  trash: 'Corbeille', trashTitle: 'Corbeille', trashText: 'Ce qui a été supprimé reste ici 30 jours, scellé comme avant.', trashEmpty: 'Rien n’a été supprimé depuis 30 jours.', restore: 'Restaurer', restored: (name) => `${name} restauré`, forGood: 'Supprimer définitivement', emptyAll: 'Vider la corbeille', emptied: (n) => `${many(n, 'secret supprimé', 'secrets supprimés')} définitivement`, keptUntil: (at) => `gardé jusqu’au ${at}`, sure: 'Rien ne le ramènera.',
};
