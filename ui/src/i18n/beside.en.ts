import { many } from './plural.en';

/** What stands beside a secret's value, its files, and the trash. */
export const beside = {
  title: 'Title', group: 'Group', user: 'Account', urls: 'Addresses', tags: 'Tags', notes: 'Notes', totp: 'One-time codes', passphrase: 'Passphrase of the key', expires: 'Expires', origin: 'Came from', fields: 'Fields', files: 'Files', past: 'Earlier values',
  edit: 'Edit', editTitle: (name: string) => `Edit ${name}`, nothing: 'Nothing stands beside its value.', save: 'Save', saved: (name: string) => `${name} saved`,
  show: 'Show', copyUser: 'Copy the account', userCopied: 'Account copied',
  groupHint: 'Separated by slashes', urlsHint: 'One on each line', tagsHint: 'Separated by commas', notesHint: (has: boolean): string => (has ? 'Empty: the notes stay as they are' : ''), totpHint: 'An otpauth:// address', keep: 'Empty: it stays as it is', remove: 'Take away',
  addField: 'Add a field', fieldName: 'Name', fieldValue: 'Value', hidden: 'Hidden',
  attach: 'Add a file…', attached: (file: string) => `${file} added`, saveFile: (file: string) => `Save ${file}`, fileSaved: (path: string) => `Written to ${path}`, removeFile: (file: string) => `Take ${file} away for good`, size: (bytes: string) => bytes,
  until: (at: string) => `until ${at}`, unknown: 'nobody knows until when', revert: 'Use again', reverted: (name: string) => `${name} has its earlier value again`,
  trash: 'Trash', trashTitle: 'Trash', trashText: 'What was removed stays here for 30 days, sealed as before.', trashEmpty: 'Nothing was removed within 30 days.', restore: 'Restore', restored: (name: string) => `${name} restored`, forGood: 'Remove for good', emptyAll: 'Empty the trash', emptied: (n: number) => `${many(n, 'secret', 'secrets')} removed for good`, keptUntil: (at: string) => `kept until ${at}`, sure: 'Nothing brings it back.',
};
