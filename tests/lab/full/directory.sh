#!/bin/sh
# Gives a Debian of the full tier the directory that a YunoHost has: slapd with its tree, and accounts that NSS and PAM find there
# and not in /etc/passwd. Standard input, a line each: an account and its password, parted by one space; the first is an administrator.
# Names, tree and hashes as YunoHost 12 has them (conf/slapd/db_init.ldif, hooks/conf_regen/06-slapd and 09-nslcd, src/user.py).
set -eu
export LC_ALL=C

cat >/etc/ldap/slapd.conf <<'CONFIG'
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile /var/run/slapd/slapd.pid
argsfile /var/run/slapd/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix dc=yunohost,dc=org
directory /var/lib/ldap
rootdn gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth
access to attrs=userPassword by self write by anonymous auth by * none
access to * by * read
CONFIG
sed -i -e 's|^SLAPD_CONF=.*|SLAPD_CONF=/etc/ldap/slapd.conf|' \
  -e 's|^SLAPD_SERVICES=.*|SLAPD_SERVICES="ldap://127.0.0.1:389/ ldap://[::1]:389/ ldapi:///"|' /etc/default/slapd
rm -rf /var/lib/ldap && install -d -o openldap -g openldap /var/lib/ldap
printf 'uid nslcd\ngid nslcd\nuri ldap://localhost/\nbase dc=yunohost,dc=org\n' >/etc/nslcd.conf
sed -i -E 's/^(passwd|group|shadow):.*/& ldap/' /etc/nsswitch.conf
pam-auth-update --enable ldap mkhomedir
printf '%%admins ALL=(ALL:ALL) ALL\n' >/etc/sudoers.d/directory
systemctl start slapd.service

{
    printf 'dn: dc=yunohost,dc=org\nobjectClass: organization\nobjectClass: dcObject\no: yunohost.org\ndc: yunohost\n\n'
    for unit in users groups; do
        printf 'dn: ou=%s,dc=yunohost,dc=org\nobjectClass: organizationalUnit\nou: %s\n\n' "$unit" "$unit"
    done
    number=4000 first= users=
    while read -r name password; do
        number=$((number + 1)) first=${first:-$name} users="${users:+$users, }{\"username\": \"$name\"}"
        hash=$(printf '%s' "$password" | openssl passwd -6 -stdin)
        printf 'dn: uid=%s,ou=users,dc=yunohost,dc=org\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\n' "$name"
        printf 'uid: %s\ncn: %s\nsn: %s\nuidNumber: %s\ngidNumber: %s\n' "$name" "$name" "$name" "$number" "$number"
        printf 'homeDirectory: /home/%s\nloginShell: /bin/bash\nuserPassword: {CRYPT}%s\n\n' "$name" "$hash"
        printf 'dn: cn=%s,ou=groups,dc=yunohost,dc=org\nobjectClass: posixGroup\ncn: %s\ngidNumber: %s\n\n' "$name" "$name" "$number"
    done
    printf '{"users": [%s], "groups": [{"name": "admins", "members": ["%s"]}]}\n' "$users" "$first" >/etc/ldap/accounts.json
    printf 'dn: cn=admins,ou=groups,dc=yunohost,dc=org\nobjectClass: posixGroup\ncn: admins\ngidNumber: 4000\nmemberUid: %s\n' "$first"
} | ldapadd -Q -Y EXTERNAL -H ldapi:/// >/dev/null
systemctl restart nslcd.service
