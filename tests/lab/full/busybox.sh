#!/bin/sh
# Runs once, inside the template's Debian: makes /busybox, the root of the hosts that have no bash, no Python, no sudo and no
# systemd. Everything is BusyBox but the SSH server, which is Debian's OpenSSH with the libraries it needs.
# And /openrc, a layer over it for the hosts that OpenRC starts instead of BusyBox' own init.
set -eu
root=/busybox
mkdir -p $root
cd $root
mkdir -p bin sbin usr/bin usr/sbin usr/lib/openssh etc/ssh etc/init.d root/.ssh home dev proc sys run/sshd tmp mnt \
  var/log var/run var/empty
chmod 0700 root root/.ssh
chmod 1777 tmp
cp /bin/busybox bin/busybox
for applet in $(bin/busybox --list-full); do
  # The SSH server's folder is OpenSSH's, and these are asked for by name.
  [ -e "$applet" ] || ln -s /bin/busybox "$applet"
done

# with_libraries PROGRAM…: copied with every library that it names.
with_libraries() {
  for program; do
    cp --parents -L "$program" .
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
      [ -e ".$library" ] || cp --parents -L "$library" .
    done
  done
}
with_libraries /usr/sbin/sshd /usr/bin/ssh-keygen /usr/lib/openssh/sftp-server
cp --parents -L /lib/*/libnss_files.so.2 /lib/*/libnss_compat.so.2 . 2>/dev/null || true

printf 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\nnobody:x:65534:65534::/:/bin/false\n' >etc/passwd
printf 'root:*:20000::::::\nsshd:*:20000::::::\nnobody:*:20000::::::\n' >etc/shadow
printf 'root:x:0:\nuucp:x:10:\nnogroup:x:65534:\n' >etc/group
chmod 0600 etc/shadow
printf '/bin/sh\n' >etc/shells
printf 'NAME=BusyBox\nID=busybox\nVERSION_ID=1\nPRETTY_NAME="BusyBox of the lab"\n' >etc/os-release
printf 'Subsystem sftp /usr/lib/openssh/sftp-server\nPrintMotd no\n' >etc/ssh/sshd_config
cat >etc/inittab <<'INIT'
::sysinit:/etc/init.d/rcS
::respawn:/usr/sbin/sshd -D -E /var/log/sshd.log
::ctrlaltdel:/bin/busybox reboot
::shutdown:/bin/busybox umount -a -r
INIT
printf '#!/bin/sh\nmkdir -p /run/sshd /var/log\nhostname -F /etc/hostname\n' >etc/init.d/rcS
chmod 0755 etc/init.d/rcS

mkdir -p /openrc
cd /openrc
for package in /packages/*.deb; do
  dpkg -x "$package" .
done
rm -rf usr etc/init.d/* etc/runlevels/*/*
with_libraries /lib/*/libpam.so.0 /lib/*/libpam_misc.so.0 /lib/*/libaudit.so.1 /lib/*/libselinux.so.1
# Debian's OpenRC reads this file of insserv's, and says so each time when there is none.
: >etc/insserv.conf
cat >etc/inittab <<'INIT'
::sysinit:/sbin/openrc sysinit
::sysinit:/sbin/openrc boot
::wait:/sbin/openrc default
::ctrlaltdel:/bin/busybox reboot
::shutdown:/sbin/openrc shutdown
INIT
printf 'rc_sys="lxc"\nrc_controller_cgroups="NO"\nrc_depend_strict="NO"\n' >etc/rc.conf
cat >etc/init.d/hostname <<'SERVICE'
#!/sbin/openrc-run
start() { /bin/busybox hostname -F /etc/hostname; }
SERVICE
cat >etc/init.d/sshd <<'SERVICE'
#!/sbin/openrc-run
command=/usr/sbin/sshd
command_args="-E /var/log/sshd.log"
pidfile=/run/sshd.pid
start_pre() { mkdir -p /run/sshd; }
SERVICE
chmod 0755 etc/init.d/*
ln -s /etc/init.d/hostname etc/runlevels/boot/hostname
ln -s /etc/init.d/sshd etc/runlevels/default/sshd
