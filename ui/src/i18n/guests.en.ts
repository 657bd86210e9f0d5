import { many, number } from './plural.en';

/** The words of guests: containers and virtual machines of hosts. */
export const guests = {
  title: 'Guests', search: 'Name, address, image', refresh: 'Read again', refreshOne: (host: string) => `Read the guests of ${host} again`, readAgain: 'Read again',
  summary: (guests: number, hosts: number, running: number) => `${number(guests)} on ${many(hosts, 'host', 'hosts')}, ${number(running)} running`, count: (n: number) => many(n, 'guest', 'guests'),
  empty: 'No guest is known yet', emptyText: 'A guest is a container or a virtual machine that a host keeps with LXC, Incus, LXD or Proxmox VE. Read your hosts once: each says what it keeps, and nothing is changed there. Then every guest can be entered as a host, without an SSH server inside.',
  look: (n: number) => `Read ${many(n, 'host', 'hosts')}`, nothingMatches: 'No guest has all of these words in its name, its address or its image.', notRead: (n: number) => (n === 1 ? 'Not read now:' : `${number(n)} hosts were not read now:`), partlyRead: 'Not all could be read.',
  sealedHosts: (n: number) => `${many(n, 'host is', 'hosts are')} sealed: what they keep is shown once their stage is unsealed.`,
  whys: { 'not-allowed': 'the account may not', failed: 'its program failed', cut: 'the answer was too long', 'not-understood': 'the answer was not understood', 'not-answered': 'the answer ended before' },
  columns: { name: 'Host and guest', state: 'State', runs: 'Runs', memory: 'Memory', disk: 'Disk', address: 'Address', snapshots: 'Snapshots', presence: 'Known' },
  states: { running: 'running', stopped: 'stopped', frozen: 'frozen', starting: 'starting', stopping: 'stopping', error: 'in error', unknown: 'unknown' },
  presences: { present: 'on its host', declared: 'in the catalog', both: 'both' },
  notThere: 'not there', notRunning: 'not running', declaredOnly: 'The catalog has it, its host does not: it was deleted there, or its host was not read since it was made.',
  of: (used: string, limit: string) => `${used} of ${limit}`, upTo: (limit: string) => `up to ${limit}`, noLimit: 'no limit', promised: (bytes: string) => `${bytes} promised`, promisedMore: (free: string, unlimited: number) => `Memory that guests were promised; ${free} is free now${unlimited > 0 ? `, and ${many(unlimited, 'guest has', 'guests have')} no limit` : ''}.`,
  facts: 'Facts', driver: 'Kept by', number: 'Number', kind: 'Kind', kinds: { container: 'container', vm: 'virtual machine' }, unprivileged: 'unprivileged', privileged: 'privileged', template: 'template', ephemeral: 'gone when it stops', image: 'Image', description: 'Description', made: 'Made', up: 'Up for', withHost: 'With its host', yes: 'starts', no: 'does not start', root: 'Root', mark: 'Specification',
  limits: 'Limits', interfaces: 'Interfaces', volumes: 'Volumes', ports: 'Ports', profiles: 'Profiles', groups: 'Groups', readOnly: 'read only', stateful: 'with memory', locked: 'Its host holds it:', noName: 'Its name has characters that no name of a host may have: it cannot be entered from here.',
  openHost: 'Open as host', console: 'Console', logs: 'Logs', logsTitle: (guest: string) => `What was written about ${guest}`, logsFrom: 'From', logsDriver: 'Its driver', logsConsole: 'Its console', logsEmpty: 'Nothing was written.',
  actions: { start: 'Start', stop: 'Stop…', restart: 'Restart…', freeze: 'Freeze', unfreeze: 'Unfreeze', 'snapshot-create': 'Snapshot…', set: 'Limits…', copy: 'Copy…', rename: 'Rename…', delete: 'Delete…' },
  notNow: (state: string) => `Not while it is ${state}.`, restore: 'Restore', removeSnapshot: (name: string) => `Delete the snapshot ${name}`,
  changeTitles: { stop: (guest: string) => `Stop ${guest}`, restart: (guest: string) => `Restart ${guest}`, 'snapshot-create': (guest: string) => `A snapshot of ${guest}`, set: (guest: string) => `Limits of ${guest}`, copy: (guest: string) => `Copy ${guest}`, rename: (guest: string) => `Rename ${guest}`, delete: (guest: string) => `Delete ${guest}` },
  seePlan: 'See the plan', seconds: 'Seconds it has to stop by itself', secondsHint: 'One that still runs then is left running, and the job says so.', secondsWrong: 'Between 1 and 3600.', force: 'Stop it at once, as when its plug is pulled',
  snapshotName: 'Name of the snapshot', newName: 'New name', nameHint: 'Letters, digits and hyphens; it begins with a letter.', nameWrong: 'It begins with a letter, has letters, digits and hyphens only, and at most 40 of them.',
  memory: 'Memory, in MiB', memoryHint: 'Empty: all that its host has.', processors: 'Processors', processorsHint: 'Such as 2 or 1.5. Empty: all that its host has.', disk: 'Disk, in MiB', diskHint: 'A root can grow, not shrink.', autostart: 'It starts with its host', numberWrong: 'This is not such a number.',
  deleteText: (snapshots: number) => `Its root goes for good${snapshots > 0 ? `, with ${many(snapshots, 'snapshot', 'snapshots')}` : ''}. The plan comes first, and asks for its name.`, deleteVolumes: (n: number) => `Also delete ${many(n, 'volume', 'volumes')}`, volumesGo: 'What is in its volumes is lost, too.',
  asAsked: 'All is as asked already: there is nothing to do.', create: 'Create a guest…', rebuild: 'Specification…', imagesOpen: 'Images…', waysOpen: 'Ways to it',
  spec: {
    create: 'Create a guest', rebuildTitle: (guest: string) => `Specification of ${guest}`, text: 'Specification', textHint: 'TOML: image, service, packages, files, environment, volumes, ports, limits, user, health check. The guide has every key.',
    host: 'Host', name: 'Name', folder: 'Folder of the files beside it', folderHint: 'What the specification names by a path is taken from here.', rebuild: 'Replace its root when it is there already; its volumes are kept', stage: 'Held against the rules of', stageHint: 'What one stage says, another refuses.',
    findings: 'What speaks against it', well: 'Nothing speaks against it.', levels: { fault: 'fault', refuse: 'refused', warn: 'warning' }, whole: 'as a whole', line: (n: number) => `line ${number(n)}`, sending: 'What it takes is sent to the host…',
  },
  images: {
    title: 'Images', none: 'This host has no image yet.', take: 'Take one in', text: 'A file of this computer: a root file system, a template of Proxmox, or an image of Incus or LXD; with the file that describes it where there are two. Files can be dropped here. It is sent once, and afterwards what differs.',
    remove: (name: string) => `Remove ${name}`, leave: (path: string) => `Leave ${path} out`, name: 'Its name there', nameHint: 'As the file, when empty.', anyDriver: 'the usual one', digestHint: 'That the file must have: where it came from tells it.', digestWrong: '64 digits, 0 to 9 and a to f.',
  },
  ways: {
    of: 'Ways to', title: (guest: string) => `Ways to ${guest}`, which: 'Which way', looking: 'Looking…', notTested: 'as it is set up, not tested', testedAgo: (age: string) => (age === 'now' ? 'one test per hop, just now' : `one test per hop, ${age} ago`), test: 'Test each hop', none: 'No name and no port of its host leads into this guest.',
    hops: { name: 'Name', router: 'Router', firewall: 'Firewall', entry: 'Host', way: 'Forward', guest: 'Guest', process: 'Process', answer: 'Answer' }, states: { fine: 'fine', broken: 'broken', unclear: 'not known' },
    breaks: (hop: string) => `The way breaks here: ${hop}.`, copy: 'Copy what to do', copied: 'It is on the clipboard.',
  },
};
