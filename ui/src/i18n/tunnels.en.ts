import { many } from './plural.en';

/** The words of the tunnels. */
export const tunnels = {
  section: 'Tunnels', text: 'A port of this computer that leads through the host, as with ssh -L. Whoever uses this computer can use it, until it is closed, the vault locked or the stage sealed.',
  webAdmin: 'Open the web administration', webAdminText: 'The browser warns of the certificate: the name in its address is not the one that the host’s certificate is for.', browse: 'Browser',
  address: 'Address, as the host sees it', addressHint: 'Such as 127.0.0.1, or a name of the network that the host is in.', port: 'Its port', here: 'Port here', hereHint: 'Any that is free, when empty.',
  socks: 'Each program says where to, by SOCKS 5', open: 'Open the tunnel', close: 'Close', closed: 'The tunnel is closed.', copy: 'Copy the address', copied: 'The address lies on the clipboard.', empty: 'No tunnel through this host is open.',
  columns: { here: 'Here', end: 'Leads to', opened: 'Open since', connections: 'Connections', actions: 'What can be done' }, connections: (open: number, served: number) => `${many(open, 'is open', 'are open')}, ${many(served, 'was served', 'were served')}`,
};
