import type { Facts, HostRow, HostSurvey } from '$generated/api';

const bare: Facts = {
  hostname: null, os_id: null, os_version: null, os_name: null, kernel: null, architecture: null, uptime_seconds: null, load: null, cpus: null, memory_total_bytes: null, memory_available_bytes: null, swap_total_bytes: null, swap_free_bytes: null, disk_total_bytes: null, disk_used_bytes: null, inodes_total: null, inodes_used: null, virtualisation: null, user: null, uid: null, clock_seconds: null, python3: null, yunohost: null, clock_nanoseconds: null, clock_synchronised: null, time_zone: null, utc_offset_minutes: null, machine: null, hardware_vendor: null, hardware_model: null, parent_hints: null, init: null,
  disks: null, interfaces: null, default_routes: null, resolvers: null, listeners: null, failed_services: null, upgrades: null, reboot: null, accounts: null, sudo: null, authorized_keys: null, host_keys: null, sshd: null, cron: null, timers: null, certificates: null, firewall: null, hardening: null, watched_services: null, automatic_upgrades: null, loose_files: null, roles: null, missing: {},
};

/** All that a survey of a pretend host holds; the host is as hostile as a real one may be. */
export function inventFacts(host: HostRow, system: HostSurvey['system'], now: number): Facts {
  return {
    ...bare, hostname: system.hostname, os_id: 'debian', os_version: '12', os_name: system.os, kernel: system.kernel, architecture: system.architecture, uptime_seconds: system.uptime_s, load: system.load, cpus: system.cpus, memory_total_bytes: system.memory_total, memory_available_bytes: system.memory_available, swap_total_bytes: 1_000_000_000, swap_free_bytes: 980_000_000, virtualisation: 'kvm', user: host.user, uid: 0, python3: '/usr/bin/python3', time_zone: 'Europe/Paris', clock_synchronised: true, init: 'systemd', hardware_vendor: 'QEMU', roles: ['nginx', 'mariadb', 'fail2ban'],
    disks: [{ mount: '/', device: '/dev/vda1', kind: 'ext4', read_only: false, total_bytes: system.disk_total ?? 0, used_bytes: system.disk_used ?? 0, available_bytes: 20_000_000_000, inodes_total: 3_000_000, inodes_used: 210_000 }],
    interfaces: [{ name: 'eth0', state: 'up', hardware_address: '52:54:00:12:34:56', addresses: [`${host.address}/24`, 'fe80::5054:ff:fe12:3456/64'] }],
    default_routes: [{ gateway: '10.20.0.1', interface: 'eth0', metric: 100 }], resolvers: ['10.20.0.1'],
    listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' }, { protocol: 'tcp', address: '0.0.0.0', port: 443, process: 'nginx' }, { protocol: 'udp', address: '127.0.0.1', port: 53, process: null }],
    failed_services: ['jitsi-videobridge.service'],
    upgrades: { state: 'complete', lists_seconds: Math.round(now / 1000) - 90_000, packages: [{ name: 'openssl', installed: '3.0.15-1~deb12u1', candidate: '3.0.16-1~deb12u1', security: true }, { name: 'tzdata', installed: '2025a-0', candidate: '2025b-0', security: false }] },
    reboot: { required: true, packages: ['linux-image-amd64'] },
    accounts: [{ name: 'root', uid: 0, home: '/root', shell: '/bin/bash', groups: ['root'], password: 'locked' }, { name: 'camille', uid: 1000, home: '/home/camille', shell: '/bin/bash', groups: ['camille', 'sudo'], password: 'set' }],
    sudo: { members: [{ group: 'sudo', account: 'camille' }], rules: [{ file: '/etc/sudoers.d/backup', who: 'backup', rule: '(root) NOPASSWD: /usr/bin/borg', no_password: true }] },
    authorized_keys: [{ account: 'root', file: '/root/.ssh/authorized_keys', fingerprint: 'SHA256:k8Qz3nVb6uRw1xTc9pYe5mHs2dLf7gJa4oKi0tUqBzE', algorithm: 'ssh-ed25519', bits: null, comment: 'camille@\u202eretsambuc', options: '' }],
    host_keys: [{ algorithm: 'ssh-ed25519', fingerprint: host.pins[0] ?? '' }], sshd: { permitrootlogin: 'prohibit-password', passwordauthentication: 'no' },
    cron: [{ file: '/etc/cron.d/certbot', account: 'root', schedule: '0 */12 * * *', command: 'certbot -q renew <b>now</b>' }], timers: [{ name: 'apt-daily.timer', active: true }],
    certificates: [{ path: '/etc/ssl/morel.pem', subject: 'morel.example', issuer: 'R11', names: ['morel.example', '*.morel.example'], not_before_seconds: Math.round(now / 1000) - 60 * 86_400, not_after_seconds: Math.round(now / 1000) + 9 * 86_400, fingerprint: 'ab'.repeat(32) }],
    firewall: { kind: 'nftables', rules: 41, input_policies: { 'inet filter': 'drop' }, ufw: null }, hardening: { 'kernel.kptr_restrict': '1', apparmor: 'enabled' }, missing: { survey: 'cut' },
  };
}
