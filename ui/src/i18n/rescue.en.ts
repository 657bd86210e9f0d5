/** The words of the way back in. */
export const rescue = {
  section: 'Rescue', text: 'Whom fail2ban keeps out of this host. Lifting a ban is a plan as any other, and it is seen afterwards that it was lifted.', read: 'Read again', address: 'Address', jail: 'Jail', actions: 'What can be done', lift: 'Lift the ban', nobody: 'Nobody is banned on this host.',
  own: 'Is this computer banned?', ownText: 'Then the host does not answer here, and still answers others. Through another host of the catalog that reaches it, its parent for example, the ban of this computer is lifted.', through: 'Through', choose: 'Choose a host', liftOwn: 'Lift the ban of this computer',
  clock: 'Clock', clockUnknown: 'The clock was not read yet.', clockText: (seconds: number) => (seconds === 0 ? 'At the last survey it was right.' : `At the last survey it was ${String(Math.abs(seconds))} s ${seconds < 0 ? 'behind' : 'ahead of'} this computer’s.`), setClock: 'Set it to this computer’s',
};
