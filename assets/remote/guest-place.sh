# Comes before each text that makes a guest or an image from the place that it was sent to, PLACE/make beside PLACE/spec.
set -u
# A guest outlives the step that started it.
unset BEFFROI_STEP
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export PATH LC_ALL=C
fail() {
    echo "beffroi-guest: $1" >&2
    exit "${2:-1}"
}
here=${0%/*}
. "$here/spec" || exit 1

