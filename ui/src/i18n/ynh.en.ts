/** The words around what can be done on a YunoHost; what is done is worded in `assets/messages/yunohost-*.json`. */
export const ynh = {
  section: 'Everything else', title: 'What can be done', search: 'Search by what it does or by YunoHost’s own words', none: 'Nothing of that kind can be done.',
  onePerLine: 'One a line.', choose: 'Choose…', leave: 'leave as it is',
  settingName: 'Name', settingValue: 'Value', snapshotFirst: 'First a snapshot of the guest that it is', snapshotOf: 'Guest that it is, HOST/GUEST', settingSecret: 'Secret', settingAdd: 'Add a value',
  marks: { heavy: 'interrupts', destroys: 'deletes', 'locks-out': 'may lock you out' } as Record<string, string>,
  weights: { heavy: 'Services may stop for a while.', destroys: 'Something is deleted. Look at the plan’s way back.', 'locks-out': 'A mistake here may lock everybody out, you too. Look twice.' } as Record<string, string>,
};
