/** A backup that is to be made and brought to a folder; `apps` are those of `some`. */
export interface BackupMaking { folder: string; name: string; what: 'everything' | 'apps' | 'some'; apps: readonly string[] }
