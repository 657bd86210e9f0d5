# Takes the public key on standard input, one line, away from the account's authorized keys. POSIX sh with GNU or busybox
# tools. Ends with 0 when the key is not there.

set -u
umask 077
IFS= read -r key && [ -n "$key" ] || { echo 'no key came' >&2 && exit 64; }
file=${HOME:?}/.ssh/authorized_keys
[ -f "$file" ] && grep -qxF -e "$key" "$file" || exit 0
[ ! -L "$file" ] || file=$(readlink -f "$file") || exit 66
new=$file.beffroi-$$
trap 'rm -f "$new"' EXIT
cp -p "$file" "$new" || exit 66
grep -vxF -e "$key" "$file" >"$new"
# 1: no line is left.
[ "$?" -le 1 ] && mv "$new" "$file" || exit 66
! grep -qxF -e "$key" "$file"
