import type { reports as english } from './reports.en';

export const reports: typeof english = {
  title: 'Rapports',
  kind: 'Rapport', kinds: { interventions: 'Interventions', state: 'État', dossier: 'Dossier de réversibilité' },
  abouts: {
    interventions: 'Ce qui a été fait sur les hôtes pendant une période : changements, commandes, et ce que le journal dit d’autre.',
    state: 'L’état des hôtes, d’après leurs derniers relevés : versions, mises à jour, certificats, sauvegardes, constats.',
    dossier: 'Ce dont le prochain administrateur a besoin pour continuer sans vous : accès, clés, personnes, sauvegardes, modes d’emploi, accusé de réception. Il ne contient aucun secret.',
  },
  on: 'Hôtes', onHint: 'Des noms, tag:x, stage:x, role:yunohost, all ; and, or, not.',
  since: 'Du', until: 'Au, ce jour compris', language: 'Langue du rapport', languages: { fr: 'Français', en: 'Anglais' },
  handed: 'Fichiers remis', addHanded: 'Ajouter un fichier…', removeHanded: (name: string) => `Retirer ${name} de la liste`,
  preview: 'Aperçu', format: 'Fichier', formats: { pdf: 'PDF', csv: 'CSV', json: 'JSON' }, csvHint: 'Un fichier par tableau.', sign: 'Signer ce qui est écrit', save: 'Enregistrer…', suggested: (kind: string, format: string) => `${kind}.${format}`,
  saved: (n: number, path: string) => (n === 1 ? `${path} est écrit.` : `${String(n)} fichiers sont écrits à côté de ${path}.`), signed: (signer: string) => `Signé par ${signer}.`,
  backwards: 'La période se termine avant de commencer.', stale: 'Quelque chose a changé depuis : refaites l’aperçu.', none: 'Néant.', more: (n: string) => `${n} lignes de plus sont dans le fichier.`, sections: 'Parties du rapport',
};
