import type { ynh as english } from './ynh.en';

/** Voir `ynh.en.ts`. */
export const ynh: typeof english = {
  section: 'Tout le reste', title: 'Ce qui peut être fait', search: 'Chercher par ce que cela fait, ou par les mots de YunoHost', none: 'Rien de tel ne peut être fait.',
  onePerLine: 'Un par ligne.', choose: 'Choisir…', leave: 'laisser tel quel',
  settingName: 'Nom', settingValue: 'Valeur', snapshotFirst: 'D’abord un instantané de l’invité qu’il est', snapshotOf: 'Invité qu’il est, HÔTE/INVITÉ', settingSecret: 'Secret', settingAdd: 'Ajouter une valeur',
  marks: { heavy: 'interrompt', destroys: 'supprime', 'locks-out': 'peut vous enfermer dehors' },
  weights: { heavy: 'Des services peuvent s’arrêter un moment.', destroys: 'Quelque chose est supprimé. Regardez le retour prévu dans le plan.', 'locks-out': 'Une erreur ici peut enfermer tout le monde dehors, vous aussi. Regardez deux fois.' },
};
