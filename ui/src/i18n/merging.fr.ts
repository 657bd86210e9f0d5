import { many } from './plural.fr';
import type { merging as english } from './merging.en';

export const merging: typeof english = {
  open: 'Fusionner une copie…', title: 'Fusionner une autre copie', text: 'Une copie de ce coffre où l’on a travaillé à part : ce qu’un seul côté a changé est repris, ce que les deux ont changé est demandé. Rien n’est écrit avant que vous ne le disiez.',
  nothing: 'L’autre copie n’a rien de nouveau.', taken: (n) => `De l’autre copie : ${many(n, 'chose', 'choses')}`, entries: (n) => `${many(n, 'entrée de son journal est nouvelle', 'entrées de son journal sont nouvelles')} ici.`, otherWays: 'L’autre copie a d’autres accès. Ils ne sont pas fusionnés.',
  effects: { added: 'ajouté', changed: 'changé', removed: 'retiré' }, whats: { host: 'hôte', secret: 'secret', document: 'document', stage: 'palier', policy: 'règle', recipe: 'recette', identity: 'identité' },
  conflicts: (n) => `Changé des deux côtés : ${n}`, mine: 'Ici', theirs: 'Là-bas', allMine: 'Garder tout ce qui est ici', allTheirs: 'Prendre tout ce qui est là-bas', hidden: 'une valeur qui n’est pas montrée', absent: 'absent', removedHere: 'retiré ici', removedThere: 'retiré là-bas', sealed: 'Son palier est scellé : on ne voit pas en quoi ils diffèrent.',
  undecided: (n) => `À décider : ${n}. Ce qu’un côté a retiré et que l’autre utilise se décide un par un.`,
  keep: (what, name) => `Ce qui est gardé de ${what} ${name}`, earlier: 'Une valeur qui n’est pas gardée devient une valeur antérieure.', renamed: (from, to) => `« ${from} » existe deux fois : le plus récent s’appelle maintenant « ${to} ».`,
  merge: 'Fusionner', merged: (n) => `Fusionné : ${many(n, 'chose reprise', 'choses reprises')}`, more: (n) => `et ${many(n, 'autre', 'autres')}`,
};
