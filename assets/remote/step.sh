# Comes before each text that changes a guest or what leads to it in one step: after the line that sets its words.
set -u
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/snap/bin"
# A guest outlives the step that started it, and is no part of it.
unset BEFFROI_STEP
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}
run() {
    printf '+ %s\n' "$*"
    "$@" </dev/null
}

