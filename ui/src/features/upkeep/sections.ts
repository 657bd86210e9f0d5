export const upkeepSections = ['overview', 'ways', 'identities', 'copies', 'locking'] as const;
export type UpkeepSection = (typeof upkeepSections)[number];
