/** A backup that is to be made and brought to a folder. */
export interface BackupMaking { folder: string; name: string; what: 'everything' | 'apps' }
