import type { secretPanel as english } from './secrets.en';
import { number } from './plural.fr';

export const secretPanel: typeof english = {
  title: (name: string) => `Le secret ${name}`, hidden: 'caché', reveal: (seconds: number) => `Montrer ${number(seconds)} s`, hide: 'Cacher', copy: 'Copier', journalled: 'Le journal dit quand il a été montré ou copié.',
  copied: (name: string, seconds: number) => `${name} est dans le presse-papiers. Il en est retiré dans ${number(seconds)} s, sauf si autre chose y a été copié.`, onClipboard: 'Dans le presse-papiers', clearedIn: (left: string) => `retiré dans ${left}`,
  sealed: 'Son palier est scellé. Descellez-le pour voir ou changer la valeur.', usedBy: 'Sert à', more: (n: number) => `et ${number(n)} de plus`, change: 'Remplacer…', changeTitle: (name: string) => `Une autre valeur pour ${name}`, rename: 'Renommer…', renameTitle: (name: string) => `Un autre nom pour ${name}`, renameText: 'Les hôtes le reçoivent comme avant.', renameDo: 'Renommer', renamed: (name: string, to: string) => `${name} s’appelle désormais ${to}.`, remove: 'Retirer…',
  nothingMatches: 'Aucun secret ne correspond.', nothingMatchesText: 'La recherche porte sur les noms et sur les hôtes qui reçoivent un secret.', emptyText: 'Un secret est ce qui ouvre un hôte : une clé privée ou un mot de passe. Il est rangé sous un nom, chiffré une seconde fois à part. Sa valeur n’est montrée qu’à votre demande, quelques secondes, et le journal le dit.',
  generateTitle: 'En fabriquer un', ofCharacters: 'Caractères', ofWords: 'Mots', length: 'Caractères', words: 'Mots', wordList: 'Liste', english: 'anglaise', french: 'française, sans accents', between: 'Entre eux', nothing: 'rien', space: 'espace', capitals: 'Majuscules', digit: 'un chiffre', generate: 'Fabriquer', bits: (n: number) => `${number(n)} bits. Il est au-dessus, sans être montré.`, symbols: 'signes', lookAlikes: 'aussi 0 O 1 l I',
};
