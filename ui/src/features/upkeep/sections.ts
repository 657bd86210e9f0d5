export const upkeepSections = ['overview', 'ways', 'identities', 'copies', 'parcels', 'locking'] as const;
export type UpkeepSection = (typeof upkeepSections)[number];
