import type { templates as english } from './templates.en';

/** Modèles : quels champs accompagnent la valeur d’une sorte de secret. */
export const templates: typeof english = {
  template: 'Modèle', none: 'aucun', open: 'Modèles…', title: 'Modèles', text: 'Un modèle dit quels champs sont demandés à côté de la valeur d’une sorte de secret. Ceux qui ont un bouton sont propres au coffre.',
  places: { account: 'Compte', address: 'Adresse', 'one-time': 'Codes à usage unique', expires: 'Expire', field: 'Champ', hidden: 'Caché' },
  name: 'Nom', field: 'Nom du champ', add: 'Ajouter un modèle', keep: 'Le garder', kept: (name) => `Le modèle ${name} est gardé.`, replaces: 'Le coffre en a un de ce nom : il est remplacé.', replace: 'Le remplacer', removed: (name) => `Le modèle ${name} est retiré.`, sure: 'Le retirer ? Aucun secret ne change.',
  onlyValue: (name) => `La valeur de ${name} est rangée. Ce qui l’accompagne ne l’est pas : corrigez et rangez de nouveau, ou laissez cela et modifiez le secret plus tard.`,
};
